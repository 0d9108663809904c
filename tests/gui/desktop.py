# SPDX-License-Identifier: GPL-2.0-or-later
"""A screen in memory with all that a graphical program needs: X server, window manager, accessibility bus.

Nothing of it is the user's. Root runs it as "nobody", as Wireshark ignores WIRESHARK_PLUGIN_DIR in root's
hands. Whatever was started here ends with this process, however that ends.
"""
import os
import select
import shutil
import subprocess
import time

NOBODY = 65534
SECONDS = 60            # that anything may take to appear; on an idle machine it takes one
WIDTH, HEIGHT = 1800, 1400

TOOLS = ["Xvfb", "openbox", "dbus-daemon", "xprop", "xdotool", "import", "setpriv", "wireshark"]

# Root, who drives, and "nobody", who is driven, meet on this bus. It has no services to start: it isn't the
# user's session.
BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=%s</listen>
  <policy context="default">
    <allow user="*"/><allow own="*"/><allow send_destination="*"/><allow receive_sender="*"/>
  </policy>
</busconfig>
"""

# Windows without frames: a picture of one shows what Wireshark draws, and has the size asked for.
MANAGER = """<?xml version="1.0" encoding="UTF-8"?>
<openbox_config xmlns="http://openbox.org/3.4/rc">
  <desktops><number>1</number><popupTime>0</popupTime></desktops>
  <theme><keepBorder>no</keepBorder></theme>
  <applications><application name="*"><decor>no</decor></application></applications>
</openbox_config>
"""


class Missing(Exception):
    """What is needed isn't installed."""


def registry():
    for folder in ("/usr/libexec", "/usr/lib/at-spi2-core", "/usr/lib"):
        if os.access(folder + "/at-spi2-registryd", os.X_OK):
            return folder + "/at-spi2-registryd"
    return None


def check_tools():
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if not registry():
        missing.append("at-spi2-registryd")
    if missing:
        raise Missing(", ".join(missing))


def until(condition, what, seconds=SECONDS):
    """The first true value of condition()."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise TimeoutError("after %d s still not: %s" % (seconds, what))
        time.sleep(0.05)


class Desktop:
    """`folder`: where its files go; whoever runs Wireshark may enter it. `home`: of that user."""

    def __init__(self, folder, home):
        check_tools()
        self.folder = os.path.join(folder, "desktop")
        os.makedirs(self.folder + "/run")
        os.chmod(self.folder + "/run", 0o700)
        if os.geteuid() == 0:
            for path in self.folder, self.folder + "/run":
                os.chown(path, NOBODY, NOBODY)
        self.processes = []
        self.environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TZ": "UTC",
                            "HOME": home, "XDG_RUNTIME_DIR": self.folder + "/run"}
        self.start_screen()
        self.start_bus()
        self.start_manager()

    def file(self, name, content):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(content)
        os.chmod(path, 0o644)
        return path

    def start(self, command, log, **more):
        """Starts a program as the user of this desktop; its standard error goes to the file `log`."""
        identity = []
        if os.geteuid() == 0:
            identity = ["--reuid=%d" % NOBODY, "--regid=%d" % NOBODY, "--clear-groups"]
        with open(os.path.join(self.folder, log), "wb") as errors:
            process = subprocess.Popen(["setpriv", *identity, "--pdeathsig", "KILL", *command],
                                       env=self.environment, cwd=self.folder, stdin=subprocess.DEVNULL,
                                       stderr=errors, **more)
        self.processes.append(process)
        return process

    def first_line(self, command, log):
        """Starts a program that says on a line of its own where it can be met."""
        process = self.start(command, log, stdout=subprocess.PIPE)
        ready = select.select([process.stdout], [], [], SECONDS)[0]
        line = process.stdout.readline().decode().strip() if ready else ""
        if not line:
            raise RuntimeError("%s doesn't start: %s" % (command[0], self.log(log)))
        return line

    def log(self, name):
        with open(os.path.join(self.folder, name), encoding="utf-8", errors="replace") as file:
            return file.read()

    def start_screen(self):
        # -noreset: the bus's address is a property of the root window, and has to outlive who sets it.
        number = self.first_line(["Xvfb", "-displayfd", "1", "-screen", "0", "%dx%dx24" % (WIDTH, HEIGHT),
                                  "-nolisten", "tcp", "-noreset"], "screen.log")
        self.environment["DISPLAY"] = ":" + number

    def start_bus(self):
        config = self.file("bus.conf", BUS % (self.folder + "/run/bus"))
        address = self.first_line(["dbus-daemon", "--config-file=" + config, "--nofork", "--print-address"],
                                  "bus.log")
        self.environment.update({"DBUS_SESSION_BUS_ADDRESS": address, "AT_SPI_BUS_ADDRESS": address,
                                 "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1", "QT_QPA_PLATFORM": "xcb"})
        # Qt asks the root window for the bus, libatspi the environment.
        self.tool("xprop", "-root", "-f", "AT_SPI_BUS", "8s", "-set", "AT_SPI_BUS", address)
        os.environ.update({"DBUS_SESSION_BUS_ADDRESS": address, "AT_SPI_BUS_ADDRESS": address,
                           "DISPLAY": self.environment["DISPLAY"]})
        self.start([registry()], "registry.log", stdout=subprocess.DEVNULL)

    def start_manager(self):
        self.start(["openbox", "--sm-disable", "--config-file", self.file("manager.xml", MANAGER)],
                   "manager.log", stdout=subprocess.DEVNULL)
        until(lambda: "window id" in self.tool("xprop", "-root", "_NET_SUPPORTING_WM_CHECK"),
              "window manager")

    def tool(self, *command):
        """Runs a tool of X as the one who drives."""
        done = subprocess.run(command, env=self.environment, capture_output=True,
                              timeout=SECONDS, check=False)
        if done.returncode:
            raise RuntimeError("%s: %s" % (" ".join(command), done.stderr.decode()))
        return done.stdout.decode()

    def picture(self, path, box):
        """Writes what is at (left, top, width, height) of the screen, as soon as nothing moves there."""
        left, top, width, height = box
        crop = "%dx%d%+d%+d" % (width, height, left, top)
        last = b""

        def is_still():
            nonlocal last
            before = last
            self.tool("import", "-window", "root", "-crop", crop, "+repage", "-strip", path)
            with open(path, "rb") as file:
                last = file.read()
            return last == before
        until(is_still, "a still picture")

    def stop(self):
        """Ends what is left, the latest first, so that nobody misses whom he talks to."""
        for process in reversed(self.processes):
            if process.poll() is None:
                process.kill()
            process.wait()
            if process.stdout:
                process.stdout.close()
        self.processes.clear()
