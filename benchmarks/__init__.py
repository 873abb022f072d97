"""Speed and size as ratios against a named baseline, both in the same run. Never a test, never an absolute promise.

Every module here has `run() -> list[Result]`; `python -m benchmarks` (make bench) runs them all.
"""
