"""Where the numbers are from."""

import os
import re
import subprocess

from server import psql

# bin/cluster sets these for every cluster; they change no number
OF_EVERY_CLUSTER = (
    "listen_addresses", "unix_socket_directories", "port", "timezone", "TimeZone", "data_directory", "config_file")


def describe():
    """The machine, the software and the settings that differ from PostgreSQL's defaults."""
    cpu = re.search(r"^model name\s*: (.*)$", read("/proc/cpuinfo"), re.M)
    memory_kb = int(re.search(r"^MemTotal:\s*(\d+)", read("/proc/meminfo"), re.M)[1])
    return {
        "cpu": cpu[1] if cpu else os.uname().machine,
        "cores": os.cpu_count(),
        "memory_gib": round(memory_kb / 2**20, 1),
        "kernel": os.uname().release,
        "postgresql": psql("SHOW server_version;")[0][0],
        "credit": psql("SELECT extversion FROM pg_extension WHERE extname = 'credit';")[0][0],
        "commit": commit(),
        "load_before": os.getloadavg()[0],
        "settings": dict(psql(
            "SELECT name, current_setting(name) FROM pg_settings WHERE source = 'command line'"
            f" AND name NOT IN {OF_EVERY_CLUSTER} ORDER BY name;")),
    }


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def commit():
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--abbrev=10"], capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"
