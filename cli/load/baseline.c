#include "cli/load/baseline.h"

#include "cli/base/replace.h"
#include "cli/base/xalloc.h"
#include "cli/load/load_values.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SCHEMA "memwatch-baseline/1"

static void read_finding(struct load *load, const json_t *object, struct tally *tally)
{
	const char *kinds[N_TALLY_KINDS];
	struct tally_item item = {0};

	for (enum tally_kind kind = 0; kind < N_TALLY_KINDS; kind++)
		kinds[kind] = tally_kind_name(kind);
	if (!json_is_object(object))
		load_fail(load, "findings", "an array of objects");
	if (!json_object_get(object, "kind"))
		load_fail(load, "kind", "there");
	item.kind = load_choice(load, object, "kind", kinds, N_TALLY_KINDS);
	item.amount.blocks = load_number(load, object, "blocks");
	item.amount.bytes = load_number(load, object, "bytes");
	item.where = load_text(load, object, "where");
	load_id(load, object, item.id);
	tally_add(tally, &item);
}

static int read_findings(const json_t *root, struct tally *tally, struct err *err)
{
	const char *schema = json_string_value(json_object_get(root, "schema"));
	struct load load = {.err = err, .store = tally->store};
	const json_t *findings;
	size_t n;

	if (!schema || strcmp(schema, SCHEMA) != 0)
		return err_set(err, "it has no \"schema\": \"" SCHEMA "\"; --write-baseline writes one that has");
	findings = load_array(&load, root, "findings", &n);
	if (!findings)
		load_fail(&load, "findings", "an array");
	for (size_t i = 0; i < n && !load.failed; i++)
		read_finding(&load, json_array_get(findings, i), tally);
	tally_sort(tally);
	return load.failed ? -1 : 0;
}

static int finish(json_t *root, const json_error_t *error, const char *name, struct tally *tally, struct err *err)
{
	struct err why = {0};
	int ret = 0;

	tally_init(tally);
	if (!root)
		return err_set(err, "cannot read the baseline %s: it is not JSON: line %d: %s", name, error->line,
			       error->text);
	if (read_findings(root, tally, &why))
		ret = err_set(err, "cannot read the baseline %s: %s", name, why.text);
	json_decref(root);
	return ret;
}

int baseline_read(const char *path, struct tally *tally, struct err *err)
{
	FILE *file = fopen(path, "re");
	json_error_t error = {0};
	json_t *root;

	if (!file) {
		tally_init(tally);
		return err_set_errno(err, errno, "cannot read the baseline %s", path);
	}
	root = json_loadf(file, JSON_REJECT_DUPLICATES, &error);
	fclose(file);
	return finish(root, &error, path, tally, err);
}

int baseline_read_bytes(const char *bytes, size_t n, const char *name, struct tally *tally, struct err *err)
{
	json_error_t error = {0};

	return finish(json_loadb(bytes, n, JSON_REJECT_DUPLICATES, &error), &error, name, tally, err);
}

void baseline_print(const struct tally *tally, struct out *out)
{
	out_str(out, "{\n  \"schema\": \"" SCHEMA "\",\n  \"findings\": [");
	for (size_t i = 0; i < tally->n; i++) {
		const struct tally_item *item = &tally->items[i];
		json_t *where = json_string(item->where);
		char *text = where ? json_dumps(where, JSON_ENCODE_ANY) : NULL; /* NULL: it is not UTF-8 */

		out_printf(out,
			   "%s\n    {\"id\": \"%s\", \"kind\": \"%s\", \"blocks\": %" PRIu64 ", \"bytes\": %" PRIu64
			   ", \"where\": %s}",
			   i ? "," : "", item->id, tally_kind_name(item->kind), item->amount.blocks, item->amount.bytes,
			   text ? text : "\"?\"");
		free(text);
		json_decref(where);
	}
	out_str(out, tally->n ? "\n  ]\n}\n" : "]\n}\n");
}

static void print_baseline(const void *tally, struct out *out)
{
	baseline_print(tally, out);
}

int baseline_write(const char *path, const struct tally *tally, struct err *err)
{
	return replace_file(path, print_baseline, tally, err);
}
