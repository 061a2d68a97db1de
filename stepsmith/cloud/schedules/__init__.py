"""Schedules, as EventBridge Scheduler has them: `service` answers its operations and lets them strike."""
