"""The doors that face other programs: plain Starlette, no page framework."""
