"""Events: what starts work, as rules without clock, threads, disk, network or clients."""
