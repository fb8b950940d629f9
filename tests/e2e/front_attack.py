"""Sends the whole corpus to a front, as bytes, and looks for what must not come: a byte of a component to who has no key for it.

Three sorts of clients at the same time, so that they share the front's connections to the gates and to the files: with no key, with one for core,
with one for plus. Each sends every request on a connection of its own and, with a plain request right behind it in the same packet, on one that
it keeps. Whatever a client receives is judged as a whole: it does not matter to which request an answer belongs."""
import threading

from front_requests import Identity, plain_request, read_requests
from raw_connection import RawConnection


class FrontAttack:
    def __init__(self, port, tree, keys, threads_per_identity=2):
        self.port, self.tree, self.threads = port, tree, threads_per_identity
        self.identities = [Identity("no key", "core", "plus", None, tree), Identity("core's key", "core", "plus", keys["core"], tree),
                           Identity("plus's key", "plus", "core", keys["plus"], tree)]
        self.violations, self.silent, self.sent, self.statuses, self.plain_answered = [], [], 0, {}, 0
        self.lock = threading.Lock()

    # ---- what must work, so that the rest means something -------------------------------------------------------------------
    def controls(self):
        """Every address with every key: own ones come, others do not. Returns what is wrong."""
        wrong = []
        for identity in self.identities:
            for component in ("core", "plus"):
                for address in self.tree.addresses(component):
                    for method in ("GET", "HEAD"):
                        answer, received = self.ask_once(plain_request(address, identity, method, "Connection: close\r\n"), method)
                        expected = 401 if component in identity.shut else 200
                        if answer is None or answer.status != expected:
                            wrong.append(f"{identity.name}: {method} {address}: {answer and answer.status}, expected {expected}")
                        elif (expected, method) == (200, "GET") and not self.tree.leaks(component, received):
                            wrong.append(f"{identity.name}: {method} {address}: nothing in it says that it is {component}'s")
        return wrong

    def ask_once(self, data, method):
        connection = RawConnection(self.port)
        try:
            connection.send(data)
            answers = connection.answers([method])
            return (answers[0] if answers else None), connection.received
        finally:
            connection.close()

    # ---- the corpus -----------------------------------------------------------------------------------------------------------
    def run(self, requests=None):
        requests = requests or read_requests()
        failures = []

        def work(identity, part):
            try:
                self.attack(identity, part)
            except Exception as error:  # pylint: disable=broad-except
                failures.append(error)

        workers = [threading.Thread(target=work, args=(identity, requests[first::self.threads]))
                   for identity in self.identities for first in range(self.threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        if failures:
            raise failures[0]
        return self.violations

    def attack(self, identity, requests):
        kept, seen = None, 0
        for number, request in enumerate(requests):
            data = request.fill(identity)
            method = data.split(b" ", 1)[0].decode("latin-1")
            fresh = RawConnection(self.port)
            fresh.send(data)
            self.judge(identity, request, "on a connection of its own", fresh, 0, [method])
            fresh.close()
            if kept is None:
                kept, seen = RawConnection(self.port), 0
            addresses = self.tree.addresses(identity.own)
            kept.send(data + plain_request(addresses[number % len(addresses)], identity))
            answers = self.judge(identity, request, "on a kept connection", kept, seen, [method, "GET"])
            seen = len(kept.received)
            if not kept.is_open or len(answers) < 2 or kept.read_to < seen:
                kept.close()
                kept = None
        if kept:
            kept.close()

    def judge(self, identity, request, where, connection, seen, methods):
        """The answers to what was just sent; notes what must not be in anything that came since."""
        answers = connection.answers(methods, request.is_unfinished)
        received = connection.received[seen:]
        found = [f"{component}: {leak}" for component in identity.shut for leak in self.tree.leaks(component, received)]
        if not identity.key and not request.is_public:
            found += [f"status {answer.status}" for answer in answers if 200 <= answer.status < 300 and b"PGP PUBLIC KEY" not in answer.body]
        with self.lock:
            self.sent += 1
            for answer in answers[:1]:
                self.statuses[answer.status] = self.statuses.get(answer.status, 0) + 1
            if len(answers) == 2 and answers[1].status == (200 if identity.key else 401):
                self.plain_answered += 1
            if found:
                self.violations.append(f"{identity.name}, {where}: {', '.join(found)} came for line {request.number}: {request.line}")
            if connection.gave_up and not request.is_unfinished:
                self.silent.append(f"{identity.name}, {where}: no answer to line {request.number}: {request.line}")
        return answers

    def summary(self):
        statuses = ", ".join(f"{status}: {count}" for status, count in sorted(self.statuses.items()))
        return f"{self.sent} requests sent, {self.plain_answered} plain ones behind them answered; {statuses}; {len(self.violations)} violations"
