# SPDX-License-Identifier: GPL-2.0-or-later
"""What do two applications say to each other?

Kinds of healthy connection: what the client's end does, and what the server's end does meanwhile. Both check
that every byte came, and close only after that.
"""
import socket
import threading
import time

from .network import receive, reset_on_close

TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_FASTOPEN = 4, 5, 23


def drain(end):
    count = 0
    while part := end.recv(65536):
        count += len(part)
    return count


def expect(got, wanted):
    if got != wanted:
        raise RuntimeError(f"{got} bytes arrived, {wanted} were sent")


class Kind:
    """Short: one question, one answer; the client closes first."""

    client_options = server_options = ()
    size = 0
    port = None     # the client's, if that shall always be the same

    def __init__(self, size=0):
        self.size = size or self.size

    def client(self, end):
        end.sendall(b"question\n")
        expect(len(receive(end, 7)), 7)
        end.close()

    def server(self, end):
        expect(len(receive(end, 9)), 9)
        end.sendall(b"answer\n")
        expect(drain(end), 0)
        end.close()


class ServerCloses(Kind):
    """The server answers and closes at once, with the FIN in the answer's segment if it can."""

    def client(self, end):
        end.sendall(b"question\n")
        expect(drain(end), 7)
        end.close()

    def server(self, end):
        expect(len(receive(end, 9)), 9)
        end.send(b"answer\n", socket.MSG_MORE)
        end.close()


class Empty(Kind):
    """Not one byte: opened and closed, as a health check does."""

    def client(self, end):
        end.shutdown(socket.SHUT_WR)
        expect(drain(end), 0)
        end.close()

    def server(self, end):
        expect(drain(end), 0)
        end.close()


class BothClose(Kind):
    """Both ends close at about the same time."""

    def client(self, end):
        self.server(end)

    def server(self, end):
        end.sendall(b"hello\n")
        expect(len(receive(end, 6)), 6)
        end.shutdown(socket.SHUT_WR)
        expect(drain(end), 0)
        end.close()


class Chat(Kind):
    """Many small messages both ways, some urgent, with pauses."""

    def client(self, end):
        for turn in range(20):
            end.send(b"ping\n", socket.MSG_OOB if turn % 7 == 3 else 0)
            expect(len(receive(end, 5)), 5)
            time.sleep(0.02 if turn % 5 else 0.15)
        end.close()

    def server(self, end):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_OOBINLINE, 1)
        for _ in range(20):
            expect(len(receive(end, 5)), 5)
            end.sendall(b"pong\n")
        expect(drain(end), 0)
        end.close()


class HalfClosed(Kind):
    """The client finishes sending, then the server sends for a while."""

    def client(self, end):
        end.sendall(b"question\n")
        end.shutdown(socket.SHUT_WR)
        expect(drain(end), 50000)
        end.close()

    def server(self, end):
        expect(drain(end), 9)
        for _ in range(5):
            end.sendall(b"a" * 10000)
            time.sleep(0.05)
        end.close()


class Upload(Kind):
    """The client sends much."""

    def client(self, end):
        end.sendall(b"u" * self.size)
        end.shutdown(socket.SHUT_WR)
        expect(drain(end), 5)
        end.close()

    def server(self, end):
        expect(drain(end), self.size)
        end.sendall(b"done\n")
        end.close()


class Download(Kind):
    """The server sends much and closes."""

    def client(self, end):
        end.sendall(b"question\n")
        expect(drain(end), self.size)
        end.close()

    def server(self, end):
        expect(len(receive(end, 9)), 9)
        end.sendall(b"d" * self.size)
        end.close()


class BothWays(Kind):
    """Much in both directions at once."""

    def client(self, end):
        sender = threading.Thread(target=self.send, args=(end,))
        sender.start()
        expect(drain(end), self.size)
        sender.join()
        end.close()

    def send(self, end):
        end.sendall(b"b" * self.size)
        end.shutdown(socket.SHUT_WR)

    server = client


class SlowReader(Kind):
    """The server reads late: the window closes, is probed, opens; several times."""

    server_options = ((socket.SOL_SOCKET, socket.SO_RCVBUF, 4096),)
    size = 30000

    def client(self, end):
        end.sendall(b"s" * self.size)
        end.close()

    def server(self, end):
        for pause in 0.7, 0.4, 0.3:
            time.sleep(pause)
            expect(len(receive(end, 4000)), 4000)
        expect(drain(end), self.size - 12000)
        end.close()


class Keepalive(Kind):
    """Idle for seconds; one end's probes are answered."""

    client_options = ((socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1), (socket.IPPROTO_TCP, TCP_KEEPIDLE, 1),
                      (socket.IPPROTO_TCP, TCP_KEEPINTVL, 1))

    def client(self, end):
        time.sleep(3.4)
        super().client(end)


class KeepaliveOfServer(Kind):
    """The server's probes; the last bytes were the client's."""

    server_options = Keepalive.client_options

    def client(self, end):
        end.sendall(b"question\n")
        time.sleep(2.4)
        end.close()

    def server(self, end):
        expect(drain(end), 9)
        end.close()


class FastOpen(Kind):
    """TCP Fast Open, when the client has a cookie."""

    server_options = ((socket.IPPROTO_TCP, TCP_FASTOPEN, 8),)


class Multipath(Kind):
    """Multipath TCP."""


class SlowServer(Kind):
    """The answer takes its time."""

    def server(self, end):
        expect(len(receive(end, 9)), 9)
        time.sleep(2)
        end.sendall(b"answer\n")
        expect(drain(end), 0)
        end.close()


class SlowClient(Kind):
    """Opened ahead of need: the question comes a second later."""

    def client(self, end):
        time.sleep(1.1)
        super().client(end)


class HalfClosedForLong(Kind):
    """The client finishes sending; for seconds the server sends a line now and then."""

    def client(self, end):
        end.sendall(b"question\n")
        end.shutdown(socket.SHUT_WR)
        expect(drain(end), 42)
        end.close()

    def server(self, end):
        expect(drain(end), 9)
        for _ in range(6):
            time.sleep(0.5)
            end.sendall(b"a line\n")
        end.close()


class Reused(Kind):
    """One after the other from one port, while the client is in TIME-WAIT. Needs timestamps (RFC 6191)."""

    port = 40000


class ReusedAtServer(ServerCloses):
    """The same, while the server is in TIME-WAIT."""

    port = 40001


class Aborted(Kind):
    """The client has its answer and saves itself TIME-WAIT: a RST in place of a FIN. Needs a wire that loses
    nothing: a RST is sent once."""

    def client(self, end):
        end.sendall(b"question\n")
        expect(len(receive(end, 7)), 7)
        reset_on_close(end)
        end.close()

    def server(self, end):
        expect(len(receive(end, 9)), 9)
        end.sendall(b"answer\n")
        self.await_reset(end)

    @staticmethod
    def await_reset(end):
        try:
            drain(end)
        except ConnectionResetError:
            end.close()
            return
        raise RuntimeError("no RST came")


class Cancelled(Aborted):
    """The client goes away in the middle of a download, as when somebody leaves a page."""

    def client(self, end):
        end.sendall(b"question\n")
        expect(len(receive(end, 20000)), 20000)
        end.close()

    def server(self, end):
        expect(len(receive(end, 9)), 9)
        try:
            for _ in range(300):
                end.sendall(b"d" * 10000)
                time.sleep(0.002)
        except (ConnectionResetError, BrokenPipeError):
            end.close()
            return
        self.await_reset(end)
