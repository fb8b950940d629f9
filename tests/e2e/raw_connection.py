"""A client's connection that sends bytes as they are and keeps every byte that comes back, with as much understanding of HTTP as it takes to
know when an answer is whole."""
import re
import socket

ANSWER_DEADLINE_S = 30
UNFINISHED_WAIT_S = 0.2  # for requests that a server may rightly go on waiting for


class RawAnswer:
    def __init__(self, status, head, body):
        self.status, self.head, self.body = status, head, body


class RawConnection:
    def __init__(self, port, host="127.0.0.1"):
        self.socket = socket.create_connection((host, port), timeout=ANSWER_DEADLINE_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""  # everything, in order
        self.read_to = 0     # up to here it has been handed out as answers
        self.is_open = True
        self.gave_up = False  # waiting for an answer

    def close(self):
        self.is_open = False
        self.socket.close()

    def send(self, data):
        try:
            self.socket.sendall(data)
        except OSError:  # closed while we were sending: what it said before that still counts
            pass

    def receive(self):
        try:
            more = self.socket.recv(1 << 16)
        except ConnectionError:
            more = b""
        if not more:
            self.is_open = False
        self.received += more
        return bool(more)

    def answers(self, methods, is_unfinished=False):
        """One answer for each of the methods, fewer when the connection ends or nothing more comes in time."""
        self.socket.settimeout(UNFINISHED_WAIT_S if is_unfinished else ANSWER_DEADLINE_S)
        found = []
        try:
            while len(found) < len(methods):
                answer = self.next_answer(methods[len(found)])
                if answer is None:
                    break
                if answer.status >= 200 or answer.status == 101:
                    found.append(answer)
        except TimeoutError:
            self.gave_up = True
        return found

    def next_answer(self, method):
        begin = self.read_to
        end = self.until(lambda: self.received.find(b"\r\n\r\n", begin))
        if end < 0:
            self.read_to = len(self.received)
            return None
        head = self.received[begin:end]
        line = re.match(rb"HTTP/1\.[01] (\d{3})\b", head)
        if not line:  # an answer of one line is all that HTTP/0.9 knows
            self.until(lambda: -1)
            self.read_to = len(self.received)
            return RawAnswer(200, b"", self.received[begin:])
        status, body_at = int(line.group(1)), end + 4
        self.read_to = self.end_of_body(method, status, head, body_at)
        answer = RawAnswer(status, head, self.received[body_at:self.read_to])
        if status == 101:
            self.until(lambda: -1)
        return answer

    def end_of_body(self, method, status, head, begin):
        if status < 200 or status in (204, 304) or method.startswith("HEAD"):
            return begin
        if re.search(rb"(?im)^transfer-encoding:.*chunked", head):
            end = self.until(lambda: self.end_of_chunks(begin))
        else:
            length = re.search(rb"(?im)^content-length: *(\d+)", head)
            end = begin + int(length.group(1)) if length else -1
            self.until(lambda: end if 0 <= end <= len(self.received) else -1)
        return end if 0 <= end <= len(self.received) else len(self.received)

    def end_of_chunks(self, at):
        while True:
            line_end = self.received.find(b"\r\n", at)
            if line_end < 0:
                return -1
            size = int(self.received[at:line_end].split(b";")[0], 16)
            at = line_end + 2 + size + 2
            if size == 0:
                return at if len(self.received) >= at else -1

    def until(self, position):
        """Reads until position() is not negative, or to the end of the connection."""
        while (found := position()) < 0 and self.is_open:
            self.receive()
        return found
