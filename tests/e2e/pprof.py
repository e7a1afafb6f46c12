#!/usr/bin/env python3
"""Reads profiles of pprof's format, strictly, and prints them for scripts.

usage: pprof.py FILE            checks it; prints its types and totals: TYPE TOTAL
       pprof.py FILE functions  prints FUNCTION VALUE... for the innermost function of each sample, added up
       pprof.py FILE comments | mappings | labels

What is refused: what pprof, Parca's validation or Pyroscope's ingestion refuse. An own decoder of the wire format, so
that a mistake in ours does not cancel out.
"""
import collections
import gzip
import sys


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def signed(value):
    return value - (1 << 64) if value >> 63 else value


def fields(data):
    """{field number: [values]}; packed or not is for packed() to tell."""
    found = collections.defaultdict(list)
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        if key & 7 == 0:
            value, at = varint(data, at)
        elif key & 7 == 2:
            n, at = varint(data, at)
            assert at + n <= len(data), "a field runs over the end"
            value = data[at:at + n]
            at += n
        else:
            raise AssertionError(f"wire type {key & 7}")
        found[key >> 3].append(value)
    return found


def packed(values):
    for value in values:
        if isinstance(value, int):
            yield value
            continue
        at = 0
        while at < len(value):
            one, at = varint(value, at)
            yield one


def one(found, number):
    return found[number][0] if number in found else 0


class Profile:
    def __init__(self, path):
        with open(path, "rb") as file:
            top = fields(gzip.decompress(file.read()))
        assert set(top) <= set(range(1, 16)), sorted(top)
        self.strings = [s.decode("utf-8") for s in top[6]]
        assert self.strings[0] == "", "string_table[0] is not empty"
        assert len(set(self.strings)) == len(self.strings), "strings occur twice"
        self.types = [tuple(self.strings[one(fields(t), i)] for i in (1, 2)) for t in top[1]]
        self.default_type = self.strings[one(top, 14)]
        assert self.default_type in [name for name, _ in self.types]
        period = fields(one(top, 11))
        assert (self.strings[one(period, 1)], self.strings[one(period, 2)]) == ("space", "bytes")
        assert one(top, 12) == 1
        self.time_ns, self.duration_ns = one(top, 9), one(top, 10)
        self.comments = [self.strings[i] for i in packed(top[13])]
        self.mappings = [self.mapping(fields(m)) for m in self.numbered(top[3])]
        self.functions = [tuple(self.strings[one(f, i)] for i in (2, 3, 4)) for f in map(fields, self.numbered(top[5]))]
        assert all(name for name, _, _ in self.functions), "a function without a name"
        assert len(set(self.functions)) == len(self.functions), "functions occur twice"
        self.locations = [self.location(fields(location)) for location in self.numbered(top[4])]
        self.samples = [self.sample(fields(s)) for s in top[2]]

    @staticmethod
    def numbered(messages):
        """Ids are 1, 2, …, which is what Parca wants."""
        for number, message in enumerate(messages, 1):
            assert one(fields(message), 1) == number, "ids are not sequential"
        return messages

    def mapping(self, m):
        start, limit = one(m, 2), one(m, 3)
        assert start < limit, "an empty mapping"
        return (self.strings[one(m, 5)], self.strings[one(m, 6)], start, limit, one(m, 4))

    def location(self, location):
        mapping = one(location, 2)
        assert 1 <= mapping <= len(self.mappings), "a location without a mapping"
        _, _, start, limit, _ = self.mappings[mapping - 1]
        assert start <= one(location, 3) < limit, "an address outside of its mapping"
        lines = [fields(line) for line in location[4]]
        for line in lines:
            assert 1 <= one(line, 1) <= len(self.functions), "a line without a function"
        return [(self.functions[one(line, 1) - 1], one(line, 2)) for line in lines], one(location, 3)

    def sample(self, sample):
        ids = list(packed(sample[1]))
        assert ids and all(1 <= i <= len(self.locations) for i in ids), "a sample without locations"
        values = [signed(v) for v in packed(sample[2])]
        assert len(values) == len(self.types), "not a value for each type"
        labels = {self.strings[one(fields(v), 1)]: self.strings[one(fields(v), 2)] for v in sample[3]}
        return [self.locations[i - 1] for i in ids], values, labels


def innermost(sample):
    lines, address = sample[0][0]
    return lines[0][0][0] if lines else hex(address)


def main():
    profile = Profile(sys.argv[1])
    what = sys.argv[2] if len(sys.argv) > 2 else "totals"
    if what == "totals":
        for i, (name, _) in enumerate(profile.types):
            print(name, sum(values[i] for _, values, _ in profile.samples))
    elif what == "functions":
        sums = collections.defaultdict(lambda: [0] * len(profile.types))
        for sample in profile.samples:
            sums[innermost(sample)] = [a + b for a, b in zip(sums[innermost(sample)], sample[1])]
        for name in sorted(sums):
            print(name, *sums[name])
    elif what == "comments":
        print("\n".join(profile.comments))
    elif what == "mappings":
        for path, build_id, start, limit, offset in profile.mappings:
            print(path, build_id or "-", hex(start), hex(limit), hex(offset))
    elif what == "labels":
        print("\n".join(sorted({f"{k}={v}" for _, _, labels in profile.samples for k, v in labels.items()})))
    else:
        sys.exit(__doc__)


main()
