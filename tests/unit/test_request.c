/* Requests on the control socket: what is taken, what is refused, and that printing and reading agree. */
#include "cli/serve/request.h"

#include <criterion/criterion.h>
#include <string.h>

static int parse(const char *line, struct request *request)
{
	struct err err = {""};
	int rc = request_parse(line, strlen(line), request, &err);

	cr_assert_eq(rc < 0, err.text[0] != '\0', "%s: %s", line, err.text);
	return rc;
}

Test(request, reads_all_fields)
{
	struct request r;

	cr_assert_eq(parse("memwatch/1 scan pid=4711 output=text output=json top=7 show=53 verbose=1 quiet=1 "
			   "memcheck=1 color=1",
			   &r),
		     0);
	cr_assert_eq(r.verb, REQUEST_SCAN);
	cr_assert_eq(r.pid, 4711);
	cr_assert_eq(r.n_outputs, 2);
	cr_assert_str_eq(r.outputs[0], "text");
	cr_assert_str_eq(r.outputs[1], "json");
	cr_assert_eq(r.how.top, 7);
	cr_assert_eq(r.how.show, 53);
	cr_assert(r.how.verbose && r.how.quiet && r.how.memcheck && r.how.color);
	cr_assert_eq(parse("memwatch/1 list", &r), 0);
	cr_assert_eq(r.verb, REQUEST_LIST);
	cr_assert(!r.how.color && r.n_outputs == 0);
}

Test(request, top_has_words_of_its_own)
{
	struct request r, again;
	struct out *out = out_memory();
	size_t n;
	const char *text;

	cr_assert_eq(
		parse("memwatch/1 top pid=5 output=top top=50 sort=3 since=4294967295 stack=77 filter=612fc3a9", &r),
		0);
	cr_assert_eq(r.verb, REQUEST_TOP);
	cr_assert_eq(r.list.sort, SORT_RATE);
	cr_assert_eq(r.list.since, UINT32_MAX);
	cr_assert_eq(r.list.stack, 77);
	cr_assert_str_eq(r.list.filter, "a/\xc3\xa9");
	request_print(&r, out);
	text = out_text(out, &n);
	cr_assert_eq(request_parse(text, n - 1, &again, &(struct err){""}), 0);
	cr_assert_str_eq(again.list.filter, r.list.filter);
	cr_assert_eq(again.list.stack, 77);
	cr_assert_eq(out_close(out, NULL), 0);
}

Test(request, refuses_what_is_none)
{
	static const char *const lines[] = {
		"",
		"memwatch/1",
		"memwatch/2 list",
		"memwatch/11 list",
		"GET / HTTP/1.1",
		"memwatch/1 nosuch",
		"memwatch/1 scan",
		"memwatch/1 stat pid=0",
		"memwatch/1 scan pid=-1",
		"memwatch/1 scan pid=4294967297",
		"memwatch/1 scan pid=99999999999999999999",
		"memwatch/1 scan pid=1x",
		"memwatch/1 scan pid",
		"memwatch/1 scan  pid=1",
		"memwatch/1 scan pid=1 output=",
		"memwatch/1 scan pid=1 output=../text",
		"memwatch/1 scan pid=1 output=averyveryverylongname",
		"memwatch/1 scan pid=1 output=a output=b output=c output=d output=e",
		"memwatch/1 scan pid=1 verbose=2",
		"memwatch/1 scan pid=1 nosuch=1",
		"memwatch/1 top",
		"memwatch/1 top pid=1 sort=4",
		"memwatch/1 top pid=1 stack=4294967296",
		"memwatch/1 top pid=1 filter=6",
		"memwatch/1 top pid=1 filter=6100",
		"memwatch/1 top pid=1 filter=6G",
		"memwatch/1 top pid=1 filter=6A",
	};
	struct request r;

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		cr_assert_eq(parse(lines[i], &r), -1, "'%s' was taken", lines[i]);
}

Test(request, refuses_bytes_and_long_lines)
{
	char line[2 * REQUEST_MAX_BYTES] = "memwatch/1 list ";
	struct request r;
	struct err err = {""};

	cr_assert_eq(request_parse("memwatch/1 list\0", 16, &r, &err), -1);
	memset(line + 16, 'x', sizeof(line) - 16);
	cr_assert_eq(request_parse(line, sizeof(line), &r, &err), -1);
}

Test(request, prints_what_it_reads)
{
	struct request r = {.verb = REQUEST_STAT, .pid = 12, .outputs = {"json"}, .n_outputs = 1}, again;
	struct out *out = out_memory();
	struct err err = {""};
	const char *text;
	size_t n;

	r.how.top = 3;
	r.how.color = true;
	request_print(&r, out);
	text = out_text(out, &n);
	cr_assert_eq(text[n - 1], '\n');
	cr_assert_eq(request_parse(text, n - 1, &again, &err), 0, "%s: %s", text, err.text);
	cr_assert_eq(memcmp(&again.how, &r.how, sizeof(r.how)), 0);
	cr_assert_eq(again.verb, r.verb);
	cr_assert_eq(again.pid, r.pid);
	cr_assert_str_eq(again.outputs[0], "json");
	out_close(out, &err);
}
