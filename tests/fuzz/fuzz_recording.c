/*
 * Any file as a recording: reader, model, scan, names, report and JSON must take it without a crash or a hang. The
 * first byte tells how the rest comes: 0, as the file itself; else as what is packed in it, behind a session and with
 * lengths and types mended, so that the fuzzer gets past them. Bit 1: with suppressions.
 */
#include "cli/record/format.h"
#include "cli/record/writer.h"
#include "cli/render/render.h"
#include "cli/session/replay.h"
#include "cli/suppress/rules.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void name_of(int fd, char *path, size_t n)
{
	snprintf(path, n, "/proc/self/fd/%d", fd);
}

/* A rule for some functions, so that owners are looked for. */
static void read_rules(struct suppress_set *set)
{
	static const char rules[] = "leak:*lose*\n# memwatch: max-blocks=3\nleak:*\n";
	int fd = memfd_create("rules", MFD_CLOEXEC);
	struct err err = {0};
	char path[64];

	name_of(fd, path, sizeof(path));
	if (fd < 0 || write(fd, rules, sizeof(rules) - 1) < 0 || suppress_read(set, path, &err))
		abort();
	close(fd);
}

static void write_records(const char *path, const uint8_t *data, size_t size)
{
	static const uint8_t session[13] = {1};
	struct err err = {0};
	struct record_writer *writer = record_writer_open(path, "0", &err);
	struct record_head head;

	if (!writer)
		abort();
	record_write(writer, RECORD_SESSION, 0, 0, session, sizeof(session));
	while (size >= sizeof(head)) {
		size_t n;

		memcpy(&head, data, sizeof(head));
		data += sizeof(head);
		size -= sizeof(head);
		n = head.payload_bytes < size ? head.payload_bytes : size;
		record_write(writer, (enum record_type)(head.type % (N_RECORD_TYPES - 1) + 1), head.process & 3,
			     head.stream & 7, data, n);
		n = (n + 7) & ~(size_t)7;
		data += n < size ? n : size;
		size -= n < size ? n : size;
	}
	record_writer_close(writer, &err);
}

static void replay(const char *path, const struct suppress_set *rules)
{
	struct report report = {.memwatch_version = "0"};
	struct options options;
	struct err err = {0};
	struct replay *again = replay_open(path, &err);

	opts_init(&options);
	options.verbose = true;
	if (again && replay_run(again, &options, rules, &report, &err) == 0) {
		const struct render_options how = {.show = ~0u, .verbose = true};
		struct out *out = out_memory();

		render_json(&report, &how, out);
		render_text(&report, &how, out);
		out_close(out, &err);
	}
	report_clear(&report);
	replay_close(again);
	opts_release(&options);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct suppress_set rules = {0};
	char path[64];
	int fd;

	if (size < 2)
		return 0;
	fd = memfd_create("recording", MFD_CLOEXEC);
	if (fd < 0)
		abort();
	name_of(fd, path, sizeof(path));
	if (data[0] & 2)
		read_rules(&rules);
	if (data[0] & 1)
		write_records(path, data + 1, size - 1);
	else if (write(fd, data + 1, size - 1) < 0)
		abort();
	replay(path, &rules);
	close(fd);
	suppress_release(&rules);
	return 0;
}
