#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What the whole design rests on: one pass without dissectors above TCP gives what two passes give; a chain
and the shards of a file give what the whole gives."""
import concurrent.futures
import json
import os
import shutil
import subprocess

import rig
from tcpfsm_batch import job, plan, tools

# Counted over connections, as is whether a warning is a minor one: of all shards together that is done anew.
COUNTED = {"many_embryonic", "many_idle", "many_unanswered"}


class SameTest(rig.BatchTest):
    def do(self, files, **options):
        """(rows, unit rows) of these files as one chain."""
        chain = [plan.File(str(path)) for path in files]
        units = plan.name_chains(plan.units_of(chain, plan.Options(**options)))
        for part in "results", "units":
            os.makedirs(self.results / part, exist_ok=True)
        rows, last = [], []
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for _ in pool.map(lambda unit: job.Job(str(self.results), unit).run(), units):
                pass
        for unit in units:
            found = rig.read_result(self.results, unit)
            rows += found[0]
            last.append(found[1])
        return rows, last


class OnePass(SameTest):
    def check(self, path):
        """One pass as the job runs it against -2 as anybody runs it."""
        rows, (unit,) = self.do([path])
        self.assertEqual(unit["status"], "ok", path)
        expected = [json.loads(line) for line in rig.two_passes(path)]
        self.assertEqual([rig.without_batch(row) for row in rows], expected, path)
        return len(rows)

    def test_every_sample(self):
        samples = sorted(rig.SAMPLES.glob("*.pcapng"))
        self.assertGreater(len(samples), 90)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            counts = list(pool.map(self.check, samples))
        self.assertGreater(sum(counts), len(samples))

    def test_every_generated_capture(self):
        import packets
        names = []
        for name, (frames, link, cut) in rig.generated().items():
            names.append(str(self.captures / (name + ".pcap")))
            packets.write(names[-1], frames, link, cut)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            self.assertGreater(sum(pool.map(self.check, names)), 150)

    def test_nothing_above_tcp_is_dissected(self):
        """Else it would cost twice as much: port 80 is no HTTP here."""
        command = tools.command("", {}, 0)
        self.assertEqual(command[command.index("-d") + 1], "tcp.port==0-65535,data")
        at = command.index("-r")
        sample = str(rig.SAMPLES / "close-by-client.pcapng")
        words = [*command[:at], "-r", sample, *command[at + 2:]]
        words[words.index("-q"):words.index("-q") + 1] = ["-d", "tcp.port==7777,http", "-T", "fields", "-e",
                                                          "frame.protocols"]
        text = subprocess.run(words[:words.index("-z")], capture_output=True, text=True, check=True).stdout
        self.assertIn("tcp", text)
        self.assertNotIn("http", text.split("\n")[0])


class Chains(SameTest):
    def chain(self, path, packets):
        """The files, and how many frames are before each."""
        files = rig.rotated(path, packets, str(self.captures / "ring.pcapng"))
        self.assertGreater(len(files), 3)
        return files, {file: index * packets for index, file in enumerate(files)}

    def everything(self):
        import packets
        path = str(self.folder / "everything.pcap")
        frames, link, cut = rig.generated()["everything"]
        packets.write(path, frames, link, cut)
        return path

    def test_a_chain_is_the_whole(self):
        path = self.everything()
        files, starts = self.chain(path, 100)
        rows, (unit,) = self.do(files)
        expected = [json.loads(line) for line in rig.two_passes(path)]
        self.assertEqual(rig.whole(rows, starts), expected)
        self.assertEqual([file["packets"] for file in unit["files"]][:3], [100, 100, 100])
        crossing = [row for row in rows if any(key.endswith("_frame_file") for key in row)]
        self.assertGreater(len(crossing), 2)

    def test_a_chain_is_what_mergecap_makes_of_it(self):
        files, starts = self.chain(self.everything(), 150)
        rows, _ = self.do(files)
        merged = str(self.folder / "merged.pcapng")
        subprocess.run(["mergecap", "-a", "-w", merged, *files], check=True)
        self.assertEqual(rig.whole(rows, starts), [json.loads(line) for line in rig.two_passes(merged)])

    def test_pcap_files_are_one_capture_too(self):
        path = self.everything()
        files = []
        for index, file in enumerate(rig.rotated(path, 200, str(self.folder / "ring.pcapng"))):
            files.append(str(self.captures / ("x_%05d_20231114221320.pcap" % index)))
            subprocess.run(["editcap", "-F", "nsecpcap", file, files[-1]], check=True)
        rows, _ = self.do(files)
        starts = {file: index * 200 for index, file in enumerate(files)}
        self.assertEqual(rig.whole(rows, starts), [json.loads(line) for line in rig.two_passes(path)])

    def test_first_and_last_packet_lead_back(self):
        """Time, addresses and ports of the frames that `batch` names are the row's."""
        files, _ = self.chain(self.everything(), 100)
        rows, _ = self.do(files)
        frames = {file: self.frames(file) for file in files}
        for row in rows:
            batch = row["batch"]
            for end, file in (("first", batch["file"]), ("last", batch.get("last_file", batch["file"]))):
                number = batch["frame" if end == "first" else "last_frame"]
                time, text = frames[file][number - 1]
                self.assertEqual(time, row[end + "_packet_epoch_ns"], row)
                self.assertIn(row["client_address"], text)
                self.assertIn(str(row["server_port"]), text)

    @staticmethod
    def frames(file):
        """(time, all addresses and ports) of each frame."""
        fields = ["frame.time_epoch", "ip.addr", "ipv6.addr", "tcp.port", "udp.port"]
        text = subprocess.run(["tshark", "-n", "-r", file, "-T", "fields",
                               *[word for field in fields for word in ("-e", field)]],
                              capture_output=True, text=True, check=True).stdout
        lines = [line.split("\t") for line in text.splitlines()]
        return [(line[0].replace(".", ""), " ".join(line[1:]).replace(",", " ").split()) for line in lines]


class Windows(SameTest):
    def test_each_connection_is_in_one_window(self):
        """With a tail as long as any connection, what the windows give together is the whole."""
        path = str(self.folder / "busy.pcap")
        rig.busy_capture(path, 20000)
        files = rig.rotated(path, 530, str(self.captures / "ring.pcapng"))
        rows, units = self.do(files, max_memory=plan.MEMORY_BASE + 6000 * plan.MEMORY_PACKET)
        self.assertGreater(len(units), 3)
        self.assertEqual({unit["chain"] for unit in units}, {units[0]["hash"]})
        self.assertTrue(all(unit["max_memory_kb"] for unit in units))
        kept = [row for row in rows if not row["batch"].get("continued")]
        starts = {file: index * 530 for index, file in enumerate(files)}
        numbering = ("connection", "stream", "previous")
        expected = [json.loads(line) for line in rig.two_passes(path)]
        found = rig.whole(kept, starts)
        for row in found + expected:
            for key in numbering:
                row.pop(key, None)
        self.assertEqual(sorted(found, key=str), sorted(expected, key=str))
        continued = [row for row in rows if row["batch"].get("continued")]
        self.assertGreater(len(continued), 2)
        # ... and the rule by which they are left out finds each of them.
        own = {unit["window"]: int(unit["own_first_ns"] or 0) for unit in units}
        for row in continued:
            window = row["batch"]["window"]
            before = [each for each in rows if each["batch"]["window"] == window - 1 and
                      each["community_id"] == row["community_id"]]
            self.assertTrue(any(each["batch"]["unfinished"] or
                                int(each["last_packet_epoch_ns"]) >= own[window] for each in before), row)

    def test_what_outlives_a_window_says_so(self):
        path = str(self.folder / "busy.pcap")
        rig.busy_capture(path, 3000)
        files = rig.rotated(path, 250, str(self.captures / "ring.pcapng"))
        _, units = self.do(files, max_memory=plan.MEMORY_BASE + 1000 * plan.MEMORY_PACKET)
        self.assertTrue(units[0]["continues"])
        self.assertNotIn("continues", units[-1])


class ShardsTest(SameTest):
    NUMBERING = ("connection", "stream", "previous")

    def comparable(self, rows):
        result = []
        for row in rows:
            row = {key: value for key, value in rig.without_batch(row).items() if key not in self.NUMBERING}
            row["warnings"] = [(each["name"].removesuffix("_minor"), each["frame"])
                               for each in row["warnings"] if each["name"] not in COUNTED]
            result.append(row)
        return sorted(result, key=lambda row: json.dumps(row, sort_keys=True))

    def check(self, path, shards=3):
        """All shards together are the whole; returns in how many shards there are any rows."""
        file = plan.File(path)
        memory = plan.MEMORY_BASE + -(-file.ends.packets // shards) * plan.MEMORY_PACKET
        rows, units = self.do([path], max_memory=memory)
        self.assertEqual([unit.get("shard") for unit in units], [[n, shards] for n in range(shards)], path)
        expected = [json.loads(line) for line in rig.two_passes(path)]
        self.assertEqual(self.comparable(rows), self.comparable(expected), path)
        return sum(1 for unit in units if unit["rows"])

    def test_every_kind_of_packet(self):
        """VLANs, tunnels, IPv6, fragments, ICMP, ports used again, nanoseconds: all of captures.py."""
        import packets
        names = []
        for name, (frames, link, cut) in rig.generated().items():
            if len(frames) > 5:
                names.append(str(self.captures / (name + ".pcap")))
                packets.write(names[-1], frames, link, cut)
        for name in names:
            self.check(name)

    def test_shards_of_pcapng(self):
        everything = str(self.folder / "everything.pcap")
        import packets
        frames, link, cut = rig.generated()["everything"]
        packets.write(everything, frames, link, cut)
        path = str(self.captures / "everything.pcapng")
        subprocess.run(["editcap", everything, path], check=True)
        self.assertEqual(self.check(path), 3)

    def test_busy(self):
        path = str(self.folder / "busy.pcap")
        rig.busy_capture(path, 20000)
        self.assertEqual(self.check(path, 4), 4)

    def test_samples(self):
        """All in one: what the kernels did, with every warning's time-outs."""
        import shark
        path = str(self.captures / "samples.pcap")
        samples = sorted(str(path) for path in rig.SAMPLES.glob("*.pcapng"))
        shark.Collection(samples, path, end_together=True)
        self.check(path)

    def test_shards_of_a_chain(self):
        path = str(self.folder / "busy.pcap")
        rig.busy_capture(path, 4000)
        files = rig.rotated(path, 1500, str(self.captures / "ring.pcapng"))
        rows, units = self.do(files, max_memory=plan.MEMORY_BASE + 1500 * plan.MEMORY_PACKET)
        self.assertEqual(len(units), 3)
        starts = {file: index * 1500 for index, file in enumerate(files)}
        expected = [json.loads(line) for line in rig.two_passes(path)]
        self.assertEqual(self.comparable(rig.whole(rows, starts)), self.comparable(expected))


if __name__ == "__main__":
    if shutil.which("tshark") is None:
        raise SystemExit("tshark must be installed")
    rig.main()
