#!/usr/bin/env python3
"""A network switch in user space for hosts that are network namespaces: cuts, delay, jitter and loss between any two.

usage: switch.py PREFIX HOSTS COMMAND [WORD...]

Makes the namespaces PREFIX-1 to PREFIX-HOSTS, each with an eth0 of address 10.78.0.N, runs the command in the last one,
and removes them all when it has ended, whatever happened. The kernel's own delay queue is not needed, and nothing is
added to the machine's own network. The command writes one JSON object a line to the descriptor in FAULTS_SWITCH:

  {"op":"cut","from":[1],"to":[2,3]}                        no packet passes in that direction
  {"op":"heal"}                                             all of them pass again
  {"op":"link","delayMs":40,"jitterMs":10,"loss":0.01}      from now on, between all hosts but the last
"""
import ctypes
import fcntl
import heapq
import json
import os
import random
import select
import signal
import struct
import subprocess
import sys
import time

TUNSETIFF = 0x400454CA
IFF_TAP_NO_PI = 0x0002 | 0x1000
CLONE_NEWNET = 0x40000000

prefix, count, command = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
libc = ctypes.CDLL(None, use_errno=True)
home = os.open("/proc/self/ns/net", os.O_RDONLY)


def ip(*words, check=True):
    subprocess.run(("ip",) + words, check=check, stderr=None if check else subprocess.DEVNULL)


def set_namespace(descriptor):
    if libc.setns(descriptor, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")


def add_host(number):
    """Makes the namespace of a host and gives the descriptor of its network card."""
    name = f"{prefix}-{number}"
    ip("netns", "add", name)
    namespace = os.open(f"/run/netns/{name}", os.O_RDONLY)
    set_namespace(namespace)
    tap = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH22x", b"eth0", IFF_TAP_NO_PI))
    set_namespace(home)
    os.close(namespace)
    ip("-n", name, "link", "set", "lo", "up")
    ip("-n", name, "link", "set", "eth0", "address", f"02:00:00:00:00:{number:02x}")
    ip("-n", name, "addr", "add", f"10.78.0.{number}/24", "dev", "eth0")
    ip("-n", name, "link", "set", "eth0", "up")
    return tap


class Switch:
    def __init__(self, taps):
        self.taps = taps
        self.numbers = {tap: number for number, tap in taps.items()}
        self.cuts = set()
        self.link = {}
        self.waiting = []
        self.order = 0
        self.random = random.Random(1)

    def apply(self, line):
        order = json.loads(line)
        if order["op"] == "cut":
            self.cuts |= {(a, b) for a in order["from"] for b in order["to"]}
        elif order["op"] == "heal":
            self.cuts.clear()
        else:
            self.link = order

    def frames(self, tap):
        while True:
            try:
                frame = os.read(tap, 65536)
            except OSError:
                return
            source = self.numbers[tap]
            if frame[0] & 1:
                for target in self.taps:
                    if target != source:
                        self.send(source, target, frame)
            elif frame[:5] == b"\x02\0\0\0\0" and frame[5] in self.taps:
                self.send(source, frame[5], frame)

    def send(self, source, target, frame):
        if (source, target) in self.cuts:
            return
        delay = 0
        if count not in (source, target):
            if self.random.random() < self.link.get("loss", 0):
                return
            delay = self.link.get("delayMs", 0)
            delay += self.random.uniform(-1, 1) * self.link.get("jitterMs", 0)
        if delay <= 0:
            self.deliver(target, frame)
            return
        self.order += 1
        heapq.heappush(self.waiting, (time.monotonic() + delay / 1000, self.order, target, frame))

    def deliver(self, target, frame):
        try:
            os.write(self.taps[target], frame)
        except OSError:
            pass  # A full queue drops, as a real one does.

    def deliver_due(self):
        """Gives the seconds until the next frame is due, or None."""
        while self.waiting and self.waiting[0][0] <= time.monotonic():
            _, _, target, frame = heapq.heappop(self.waiting)
            self.deliver(target, frame)
        return max(0, self.waiting[0][0] - time.monotonic()) if self.waiting else None


def run(switch):
    orders, write_end = os.pipe()
    os.set_inheritable(write_end, True)
    child = subprocess.Popen(
        ["nsenter", f"--net=/run/netns/{prefix}-{count}", "--"] + command,
        env={**os.environ, "FAULTS_SWITCH": str(write_end), "FAULTS_PREFIX": prefix},
        pass_fds=[write_end],
    )
    os.close(write_end)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda _number, _frame: child.terminate())
    ended = os.pidfd_open(child.pid)
    rest = b""
    while True:
        ready, _, _ = select.select([ended, orders, *switch.numbers], [], [], switch.deliver_due())
        for descriptor in ready:
            if descriptor == ended:
                return child.wait()
            if descriptor == orders:
                *lines, rest = (rest + os.read(orders, 65536)).split(b"\n")
                for line in lines:
                    switch.apply(line)
            else:
                switch.frames(descriptor)


def remove_leftovers():
    """Namespaces of runs that were killed: their prefix ends in the number of a process that is gone."""
    stem = prefix.rsplit("-", 1)[0]
    for name in os.listdir("/run/netns") if os.path.isdir("/run/netns") else []:
        words = name.rsplit("-", 2)
        if len(words) == 3 and words[0] == stem and not os.path.exists(f"/proc/{words[1]}"):
            ip("netns", "del", name, check=False)


remove_leftovers()
try:
    code = run(Switch({number: add_host(number) for number in range(1, count + 1)}))
finally:
    for number in range(1, count + 1):
        ip("netns", "del", f"{prefix}-{number}", check=False)
sys.exit(code if code >= 0 else 128 - code)
