"""How what letters speak of may be called: sources of outside facts, pools of coupons."""

from __future__ import annotations

import re

SOURCE = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
POOL = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}", re.ASCII)
