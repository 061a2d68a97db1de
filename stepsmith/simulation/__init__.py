"""Simulation: thousands of executions in virtual time, their tasks answered from a model instead of being carried out.

`simulate` is the door. May touch the engine and the service; draws chance from a seed, and reads no clock.
"""

from stepsmith.simulation.model import Model, read_model
from stepsmith.simulation.outcome import Simulation
from stepsmith.simulation.simulate import simulate

__all__ = ["Model", "Simulation", "read_model", "simulate"]
