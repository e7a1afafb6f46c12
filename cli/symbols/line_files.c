#include "cli/symbols/line_files.h"

#include "cli/base/xalloc.h"

#include <dwarf.h>
#include <stdlib.h>

/* What each entry of a table of DWARF 5 consists of. */
struct entry_format {
	struct {
		uint64_t content, form;
	} fields[UINT8_MAX];
	unsigned n;
};

struct entry_reader {
	struct dwarf_bytes *b;
	const struct line_sections *sections;
	unsigned offset_bytes;
};

static void line_files_push_dir(struct line_files *files, const char *dir)
{
	files->dirs = xgrow(files->dirs, &files->dirs_cap, files->n_dirs + 1, sizeof(*files->dirs));
	files->dirs[files->n_dirs++] = dir;
}

static void line_files_push(struct line_files *files, struct line_file file)
{
	files->files = xgrow(files->files, &files->files_cap, files->n_files + 1, sizeof(*files->files));
	files->files[files->n_files++] = file;
}

bool line_files_add(struct line_files *files, struct dwarf_bytes *b)
{
	struct line_file file = {.name = dwarf_bytes_string(b)};

	if (!file.name || !*file.name)
		return false;
	file.dir = dwarf_bytes_uleb(b);
	dwarf_bytes_uleb(b); /* time of its last change */
	dwarf_bytes_uleb(b); /* size */
	line_files_push(files, file);
	return true;
}

static void line_files_read_old(struct line_files *files, struct dwarf_bytes *b)
{
	const char *dir;

	line_files_push_dir(files, NULL);
	while ((dir = dwarf_bytes_string(b)) != NULL && *dir)
		line_files_push_dir(files, dir);
	line_files_push(files, (struct line_file){0});
	while (line_files_add(files, b)) {
	}
}

static struct entry_format entry_format_read(struct dwarf_bytes *b)
{
	struct entry_format format = {.n = (unsigned)dwarf_bytes_take(b, 1)};

	for (unsigned i = 0; i < format.n; i++) {
		format.fields[i].content = dwarf_bytes_uleb(b);
		format.fields[i].form = dwarf_bytes_uleb(b);
	}
	return format;
}

static const char *string_in(struct entry_reader *in, const struct dwarf_bytes *section)
{
	return dwarf_bytes_string_at(section, dwarf_bytes_take(in->b, in->offset_bytes));
}

static uint64_t skip_block(struct dwarf_bytes *b, uint64_t n)
{
	dwarf_bytes_skip(b, n);
	return 0;
}

/* A field: one of *string and *number. False: what follows cannot be read. */
static bool field_read(struct entry_reader *in, uint64_t form, const char **string, uint64_t *number)
{
	*string = NULL;
	*number = 0;
	switch (form) {
	case DW_FORM_string:
		*string = dwarf_bytes_string(in->b);
		return true;
	case DW_FORM_line_strp:
		*string = string_in(in, &in->sections->line_str);
		return true;
	case DW_FORM_strp:
		*string = string_in(in, &in->sections->str);
		return true;
	case DW_FORM_udata:
		*number = dwarf_bytes_uleb(in->b);
		return true;
	case DW_FORM_data1:
		*number = dwarf_bytes_take(in->b, 1);
		return true;
	case DW_FORM_data2:
		*number = dwarf_bytes_take(in->b, 2);
		return true;
	case DW_FORM_data4:
		*number = dwarf_bytes_take(in->b, 4);
		return true;
	case DW_FORM_data8:
		*number = dwarf_bytes_take(in->b, 8);
		return true;
	case DW_FORM_data16:
		*number = skip_block(in->b, 16);
		return true;
	case DW_FORM_block:
		*number = skip_block(in->b, dwarf_bytes_uleb(in->b));
		return true;
	default:
		return false;
	}
}

/* The name is NULL when the entry has none. False: what follows cannot be read. */
static bool entry_read(struct entry_reader *in, const struct entry_format *format, struct line_file *entry)
{
	*entry = (struct line_file){0};
	for (unsigned i = 0; i < format->n; i++) {
		const char *string;
		uint64_t number;

		if (!field_read(in, format->fields[i].form, &string, &number))
			return false;
		if (format->fields[i].content == DW_LNCT_path)
			entry->name = string;
		else if (format->fields[i].content == DW_LNCT_directory_index)
			entry->dir = number;
	}
	return true;
}

/* How many entries follow; none of them takes less than a byte. */
static uint64_t entries_count(struct entry_reader *in, const struct entry_format *format)
{
	uint64_t n = dwarf_bytes_uleb(in->b), most = format->n ? dwarf_bytes_left(in->b) : 0;

	return n < most ? n : most;
}

static void line_files_read_new(struct line_files *files, struct entry_reader *in)
{
	struct entry_format format = entry_format_read(in->b);
	struct line_file entry;

	for (uint64_t n = entries_count(in, &format); n > 0 && in->b->p < in->b->end; n--) {
		if (!entry_read(in, &format, &entry))
			return;
		line_files_push_dir(files, entry.name);
	}
	format = entry_format_read(in->b);
	for (uint64_t n = entries_count(in, &format); n > 0 && in->b->p < in->b->end; n--) {
		if (!entry_read(in, &format, &entry))
			return;
		line_files_push(files, entry);
	}
}

void line_files_read(struct line_files *files, struct dwarf_bytes *b, const struct line_sections *sections,
		     unsigned version, unsigned offset_bytes)
{
	struct entry_reader in = {b, sections, offset_bytes};

	files->version = version;
	if (version < 5)
		line_files_read_old(files, b);
	else
		line_files_read_new(files, &in);
}

void line_files_release(struct line_files *files)
{
	free(files->dirs);
	free(files->files);
	*files = (struct line_files){0};
}

const char *line_files_name(const struct line_files *files, uint64_t index, const char **dir)
{
	const struct line_file *file;

	*dir = NULL;
	if (index >= files->n_files)
		return NULL;
	file = &files->files[index];
	if (!file->name || file->name[0] == '/')
		return file->name;
	if (file->dir >= files->n_dirs)
		return NULL;
	*dir = files->dirs[file->dir];
	return file->name;
}
