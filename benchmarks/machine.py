"""What a benchmark ran on: processor, caches, memory, system and versions; nothing that names the machine."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib import metadata
from pathlib import Path

CACHES = Path("/sys/devices/system/cpu/cpu0/cache")
PROCESSORS = Path("/proc/cpuinfo")
GIB = 2.0**30


def described(packages: tuple[str, ...] = ("numpy",), compiler: str | None = None) -> str:
    """One sentence on the machine, with the versions of Python, of packages and of a compiler."""
    system = platform.freedesktop_os_release().get("PRETTY_NAME", "") if Path("/etc/os-release").exists() else ""
    parts = [
        f"{_processor()}, {os.cpu_count()} cores{_caches()}",
        f"{_memory_gib():.0f} GiB of memory",
        f"{system or platform.system()} ({platform.system()} {platform.release().split('-')[0]}, {platform.machine()})",
        f"Python {platform.python_version()}",
        *(f"{name} {found}" for name in packages if (found := version(name))),
    ]
    if compiler is not None:
        shown = subprocess.run([compiler, "--version"], capture_output=True, text=True, check=True).stdout
        parts.append(shown.splitlines()[0])
    return "; ".join(parts)


def version(package: str) -> str | None:
    """The version of an installed package; None where it is not there."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _processor() -> str:
    if not PROCESSORS.exists():
        return platform.processor() or platform.machine()
    lines = [line.partition(":") for line in PROCESSORS.read_text(encoding="utf-8").splitlines()]
    return next((value.strip() for name, _, value in lines if name.strip() == "model name"), platform.machine())


def _caches() -> str:
    """Sizes of the first core's data caches: ", caches 48K, 1024K, 32768K"."""
    sizes = [
        (one / "size").read_text(encoding="ascii").strip()
        for one in sorted(CACHES.glob("index*"))
        if (one / "type").read_text(encoding="ascii").strip() != "Instruction"
    ]
    return f", caches {', '.join(sizes)}" if sizes else ""


def _memory_gib() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIB
