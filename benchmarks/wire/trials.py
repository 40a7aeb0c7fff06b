"""The highest rate that a program keeps, by bisection. Used by benchmarks/live and benchmarks/soak."""

import sys

AT_ONCE = 16        # rounds of the capture at a time
TOLERANCE = 1.05


class Trials:
    """Replays of one capture at one rate after the other."""

    def __init__(self, wire, capture, seconds):
        self.wire, self.capture, self.seconds = wire, capture, seconds
        self.round_bytes = wire.write("/dev/null", capture, 0, 0, 1)["bytes"]

    def ceiling(self):
        """Packets a second that the sender gives when nobody listens."""
        sent = self.wire.send(self.capture, 0, 1, AT_ONCE)
        return sent["packets"] / sent["seconds"]

    def hear(self, listener, pps):
        """One replay: whether the rate was kept, what was sent, and what the listener heard."""
        stop = listener.listen(self.wire)
        sent = self.wire.send(self.capture, pps, self.seconds, AT_ONCE)
        sent["pps"], sent["bytes_per_round"], sent["at_once"] = sent["packets"] / sent["seconds"], self.round_bytes, AT_ONCE
        heard = stop(sent)
        kept = heard.lost == 0 and heard.late <= 0.25 + 0.05 * self.seconds + listener.ends_in
        print(f"  {listener.name}: {sent['pps']:,.0f}/s, {heard.lost:,} lost, done {heard.late:.2f} s after the last{': kept' if kept else ''}"
              f"{'; ' + heard.notes if heard.notes else ''}", file=sys.stderr, flush=True)
        return kept, sent, heard

    def highest(self, listener, low, high):
        """The replay at the highest rate that is kept; None if not even the lowest is."""
        best = self.hear(listener, low)
        listener.ends_in = max(0, best[2].late)   # it takes so long when there is nothing to catch up with
        if best[2].lost:
            return None
        at = high
        while high / low > TOLERANCE:
            trial = self.hear(listener, at)
            # A second time, for what else the machine does; not where it is hopeless.
            if not trial[0] and trial[2].lost < 0.2 * trial[1]["packets"]:
                trial = self.hear(listener, at)
            if trial[0]:
                best, low = trial, at
                if trial[1]["pps"] < 0.9 * at or at == high:   # the sender gives no more
                    return best
            else:
                high = at
            at = (low * high) ** 0.5
        return best
