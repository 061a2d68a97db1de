from stepsmith.asl import model
from stepsmith.authoring import graph

def write(state: graph.State, inner: tuple[model.Branch, ...]) -> model.State:
    raise AssertionError
