"""The commands, one a file: each has `parser()` and `run(arguments)`, and imports what it needs when it runs.

A new command is a file here and a line in the table below. May touch everything below; only `app` imports it.
"""

from typing import Final

COMMANDS: Final = {
    "init": ("stepsmith.cli.commands.init", "make a new project with one working workflow"),
    "list": ("stepsmith.cli.commands.list_", "list the workflows of this project, with inputs"),
    "compile": (
        "stepsmith.cli.commands.compile",
        "write the definitions of workflows, or check that they are up to date",
    ),
    "lint": ("stepsmith.cli.commands.lint", "check definitions for what AWS would refuse"),
    "graph": ("stepsmith.cli.commands.graph", "draw a workflow or a definition"),
    "run": ("stepsmith.cli.commands.run", "run a workflow or a definition here"),
    "simulate": (
        "stepsmith.cli.commands.simulate",
        "simulate thousands of executions: time, failures, money",
    ),
    "replay": (
        "stepsmith.cli.executions.replay",
        "run a definition against executions recorded before",
    ),
    "test": ("stepsmith.cli.commands.test", "run the tests of this project"),
    "dev": ("stepsmith.cli.commands.dev", "serve AWS on this machine, with the workflows in it"),
    "deploy": ("stepsmith.cli.commands.deploy", "deploy workflows to AWS, after showing what would change"),
    "rollback": ("stepsmith.cli.commands.rollback", "go back to the version before the one deployed"),
    "destroy": ("stepsmith.cli.commands.destroy", "delete what was deployed"),
    "template": ("stepsmith.cli.commands.template", "write the CloudFormation template"),
    "openapi": ("stepsmith.cli.commands.openapi", "write the OpenAPI document of what the project answers"),
    "start": ("stepsmith.cli.executions.start", "start an execution on AWS, or in a journal here"),
    "work": ("stepsmith.cli.journal.work", "drive the executions of a journal to their ends"),
    "executions": ("stepsmith.cli.executions.list_", "list executions on AWS, or in a journal here"),
    "history": ("stepsmith.cli.executions.history", "show what happened in an execution"),
    "answer": ("stepsmith.cli.journal.answer", "answer a task of an execution here that waits for it"),
    "stop": ("stepsmith.cli.executions.stop", "abort an execution"),
    "redrive": ("stepsmith.cli.executions.redrive", "let a failed execution go on"),
    "verify": ("stepsmith.cli.journal.verify", "say whether a journal holds what was written to it"),
    "prune": ("stepsmith.cli.journal.prune", "forget executions in a journal that ended long ago"),
    "explain": ("stepsmith.cli.commands.explain", "say what a code of the compiler means"),
    "completion": ("stepsmith.cli.commands.completion", "write what lets a shell complete all this"),
    "mcp": ("stepsmith.cli.agents.mcp", "serve the tools of this project to an agent"),
}
"""Command -> its module, which has `parser()` and `run(arguments)`, and what it does."""
