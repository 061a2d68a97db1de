"""What executions will cost, before anything is deployed: by their definitions, or by the last runs here."""
