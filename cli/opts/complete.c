/*
 * The scripts have the words and what kind of value an option takes; all logic in them is of the shell. A program's own
 * arguments are completed as the shell would without memwatch.
 */
#include "cli/opts/complete.h"

#include "cli/opts/opts_table.h"

#include <string.h>

/* What a value is completed with: words, or "FILE", "DIR", "COMMAND"; "" = nothing is known. */
static void put_values(struct out *out, const struct opt_entry *entry)
{
	switch (entry->kind) {
	case OPT_YESNO:
		out_str(out, "yes no");
		return;
	case OPT_GEN:
		out_str(out, "yes all lsan no");
		return;
	case OPT_VERDICTS:
		out_str(out, strstr(entry->metavar, "yes") ? "yes no" : "definite indirect possible reachable all");
		return;
	case OPT_GATES:
		out_str(out, "definite indirect possible reachable leak growth limit mismatch any none");
		return;
	case OPT_LIMIT:
		out_str(out, "auto");
		return;
	case OPT_OUTPUT:
		out_str(out, "FILE");
		return;
	case OPT_EXPORT: /* a word of two parts, which shells part in their own ways */
		return;
	default:
		break;
	}
	if (entry->choices) {
		for (const char *const *choice = entry->choices; *choice; choice++)
			out_printf(out, "%s%s", choice == entry->choices ? "" : " ", *choice);
	} else if (entry->metavar && !strncmp(entry->metavar, "CMD", 3)) {
		out_str(out, "COMMAND");
	} else if (entry->metavar && strstr(entry->metavar, "FILE")) {
		out_str(out, "FILE");
	} else if (entry->metavar && strstr(entry->metavar, "DIR")) {
		out_str(out, "DIR");
	}
}

static bool is_for(const struct opt_entry *entry, unsigned options)
{
	return entry->group != GROUP_HIDDEN && entry->commands & options;
}

static bool takes_value(const struct opt_entry *entry)
{
	return entry->metavar != NULL;
}

/* ---- bash */

/* "--json=" when a value follows, so that no blank is put behind it. */
static void put_bash_options(struct out *out, unsigned options)
{
	for (size_t i = 0; i < opts_table_entries; i++) {
		const struct opt_entry *entry = &opts_table[i];

		if (!is_for(entry, options))
			continue;
		out_printf(out, " --%s%s", entry->name, opt_needs_value(entry) ? "=" : "");
		if (entry->letter)
			out_printf(out, " -%c", entry->letter);
	}
}

/* A case of the shell for each option that has a value. */
static void put_bash_values(struct out *out)
{
	for (size_t i = 0; i < opts_table_entries; i++) {
		const struct opt_entry *entry = &opts_table[i];

		if (entry->group == GROUP_HIDDEN || !takes_value(entry))
			continue;
		out_printf(out, "\t--%s) printf '%%s' '", entry->name);
		put_values(out, entry);
		out_str(out, "' ;;\n");
	}
}

/* The options whose value may be the next argument. */
static void put_bash_needing(struct out *out)
{
	for (size_t i = 0, n = 0; i < opts_table_entries; i++)
		if (opts_table[i].group != GROUP_HIDDEN && opt_needs_value(&opts_table[i]))
			out_printf(out, "%s--%s", n++ ? " | " : "", opts_table[i].name);
}

static const char bash_logic[] =
	"\n"
	"# _memwatch_reply WORDS CUR: words, or files, folders or commands.\n"
	"_memwatch_reply() {\n"
	"\tcase $1 in\n"
	"\tFILE) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- \"$2\")) ;;\n"
	"\tDIR) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -d -- \"$2\")) ;;\n"
	"\tCOMMAND) COMPREPLY=($(compgen -c -- \"$2\")) ;;\n"
	"\t*) COMPREPLY=($(compgen -W \"$1\" -- \"$2\")) ;;\n"
	"\tesac\n"
	"}\n"
	"\n"
	"_memwatch() {\n"
	"\tlocal cur=${COMP_WORDS[COMP_CWORD]} command=$_memwatch_default i=1 option= word\n"
	"\tCOMPREPLY=()\n"
	"\tif ((COMP_CWORD > 1)) && [[ \" $_memwatch_commands \" == *\" ${COMP_WORDS[1]} \"* ]]; then\n"
	"\t\tcommand=${COMP_WORDS[1]}\n"
	"\t\ti=2\n"
	"\tfi\n"
	"\t# Up to the word that is completed; bash parts words at '=' too.\n"
	"\twhile ((i < COMP_CWORD)); do\n"
	"\t\tword=${COMP_WORDS[i]}\n"
	"\t\toption=\n"
	"\t\tif [[ $word == -- ]]; then\n"
	"\t\t\t((i++))\n"
	"\t\t\tbreak\n"
	"\t\telif [[ $word != -?* ]]; then\n"
	"\t\t\tbreak\n"
	"\t\telif [[ ${COMP_WORDS[i + 1]} == = ]]; then\n"
	"\t\t\toption=$word\n"
	"\t\t\t((i += 3))\n"
	"\t\telif _memwatch_needs_value \"$word\"; then\n"
	"\t\t\toption=$word\n"
	"\t\t\t((i += 2))\n"
	"\t\telse\n"
	"\t\t\t((i++))\n"
	"\t\tfi\n"
	"\tdone\n"
	"\t[[ $cur == = ]] && cur=\n"
	"\tif ((i > COMP_CWORD)); then\n"
	"\t\t_memwatch_reply \"$(_memwatch_values \"$option\")\" \"$cur\"\n"
	"\telif ((i == COMP_CWORD)) && [[ $cur == -* && ${COMP_WORDS[i - 1]} != -- ]]; then\n"
	"\t\t_memwatch_reply \"$(_memwatch_options \"$command\")\" \"$cur\"\n"
	"\t\t[[ ${COMPREPLY[*]} == *= ]] && compopt -o nospace 2>/dev/null\n"
	"\telif [[ $command == completion ]]; then\n"
	"\t\t_memwatch_reply 'bash zsh fish' \"$cur\"\n"
	"\telif [[ $command == help ]]; then\n"
	"\t\t_memwatch_reply \"$_memwatch_commands\" \"$cur\"\n"
	"\telif [[ $command != \"$_memwatch_default\" && $command != doctor ]]; then\n"
	"\t\t_memwatch_reply FILE \"$cur\"\n"
	"\telif ((i < COMP_CWORD)) && declare -F _command_offset >/dev/null; then\n"
	"\t\t_command_offset \"$i\"\n"
	"\telif ((i < COMP_CWORD)); then\n"
	"\t\t_memwatch_reply FILE \"$cur\"\n"
	"\telse\n"
	"\t\t_memwatch_reply COMMAND \"$cur\"\n"
	"\t\tcompopt -o filenames 2>/dev/null\n"
	"\t\tCOMPREPLY+=($(compgen -f -- \"$cur\"))\n"
	"\t\t((COMP_CWORD == 1)) && COMPREPLY+=($(compgen -W \"$_memwatch_commands\" -- \"$cur\"))\n"
	"\tfi\n"
	"}\n"
	"complete -F _memwatch memwatch\n";

static void print_bash(struct out *out, const struct complete_command *commands, size_t n)
{
	out_str(out, "# bash completion of memwatch; made by: memwatch completion bash\n");
	out_printf(out, "_memwatch_default=%s\n_memwatch_commands='", commands[0].name);
	for (size_t i = 0; i < n; i++)
		out_printf(out, "%s%s", i ? " " : "", commands[i].name);
	out_str(out, "'\n\n_memwatch_options() {\n\tcase $1 in\n");
	for (size_t i = 0; i < n; i++) {
		out_printf(out, "\t%s) printf '%%s' '", commands[i].name);
		put_bash_options(out, commands[i].options);
		out_str(out, "' ;;\n");
	}
	out_str(out, "\tesac\n}\n\n_memwatch_values() {\n\tcase $1 in\n");
	put_bash_values(out);
	out_str(out, "\tesac\n}\n\n_memwatch_needs_value() {\n\tcase $1 in\n\t");
	put_bash_needing(out);
	out_str(out, ") return 0 ;;\n\tesac\n\treturn 1\n}\n");
	out_str(out, bash_logic);
}

/* ---- zsh */

/* In a specification, brackets, colons and quotes have a meaning. */
static void put_zsh_text(struct out *out, const char *text)
{
	for (; *text; text++) {
		if (strchr("[]:\\", *text))
			out_char(out, '\\');
		if (*text == '\'')
			out_str(out, "'\\''");
		else
			out_char(out, *text);
	}
}

static void put_zsh_option(struct out *out, const struct opt_entry *entry)
{
	bool many = entry->kind == OPT_TEXTS || entry->kind == OPT_URLS;

	out_printf(out, "\t\t'%s--%s%s[", many ? "*" : "", entry->name,
		   !takes_value(entry)      ? ""
		   : opt_needs_value(entry) ? "="
					    : "=-");
	put_zsh_text(out, entry->help);
	out_char(out, ']');
	if (takes_value(entry)) {
		struct out *values = out_memory();
		const char *text;

		put_values(values, entry);
		text = out_text(values, NULL);
		out_str(out, opt_needs_value(entry) ? ":value:" : "::value:");
		if (!strcmp(text, "FILE"))
			out_str(out, "_files");
		else if (!strcmp(text, "DIR"))
			out_str(out, "_files -/");
		else if (!strcmp(text, "COMMAND"))
			out_str(out, "_command_names");
		else if (*text)
			out_printf(out, "(%s)", text);
		else
			out_char(out, ' ');
		out_close(values, NULL);
	}
	out_str(out, "'\n");
	if (entry->letter) {
		out_printf(out, "\t\t'-%c[", entry->letter);
		put_zsh_text(out, entry->help);
		out_str(out, "]'\n");
	}
}

static void print_zsh(struct out *out, const struct complete_command *commands, size_t n)
{
	out_str(out, "#compdef memwatch\n# zsh completion of memwatch; made by: memwatch completion zsh\n\n"
		     "_memwatch() {\n\tlocal command=");
	out_printf(out, "%s\n\tlocal -a commands options\n\tcommands=(\n", commands[0].name);
	for (size_t i = 0; i < n; i++) {
		out_printf(out, "\t\t'%s:", commands[i].name);
		put_zsh_text(out, commands[i].summary);
		out_str(out, "'\n");
	}
	out_str(out, "\t)\n\tif (( CURRENT > 2 && ${+commands[(r)${words[2]}:*]} )); then\n"
		     "\t\tcommand=${words[2]}\n\t\twords=(${words[1]} ${words[3,-1]})\n\t\t(( CURRENT-- ))\n\tfi\n"
		     "\tcase $command in\n");
	for (size_t i = 0; i < n; i++) {
		out_printf(out, "\t%s) options=(\n", commands[i].name);
		for (size_t k = 0; k < opts_table_entries; k++)
			if (is_for(&opts_table[k], commands[i].options))
				put_zsh_option(out, &opts_table[k]);
		out_str(out, "\t) ;;\n");
	}
	out_printf(out,
		   "\tesac\n\tcase $command in\n"
		   "\t%s) _arguments -S $options '1: :{ _describe command commands; _command_names -e; _files }' "
		   "'*:: :_normal' ;;\n"
		   "\tcompletion) _arguments $options '1:shell:(bash zsh fish)' ;;\n"
		   "\thelp) _arguments $options '1: :{ _describe command commands }' ;;\n"
		   "\t*) _arguments $options '*: :_files' ;;\n\tesac\n}\n\n_memwatch \"$@\"\n",
		   commands[0].name);
}

/* ---- fish */

static void put_fish_text(struct out *out, const char *text)
{
	out_char(out, '\'');
	for (; *text; text++) {
		if (*text == '\'' || *text == '\\')
			out_char(out, '\\');
		out_char(out, *text);
	}
	out_char(out, '\'');
}

static void put_fish_option(struct out *out, const struct opt_entry *entry, const char *command)
{
	out_printf(out, "complete -c memwatch -n '__memwatch_is %s' -l %s", command, entry->name);
	if (entry->letter)
		out_printf(out, " -s %c", entry->letter);
	if (opt_needs_value(entry)) {
		struct out *values = out_memory();
		const char *text;

		put_values(values, entry);
		text = out_text(values, NULL);
		if (!strcmp(text, "FILE") || !strcmp(text, "DIR"))
			out_str(out, " -r -F");
		else if (!strcmp(text, "COMMAND"))
			out_str(out, " -x -a '(__fish_complete_command)'");
		else
			out_printf(out, " -x -a '%s'", text);
		out_close(values, NULL);
	}
	out_str(out, " -d ");
	put_fish_text(out, entry->help);
	out_char(out, '\n');
}

static void print_fish(struct out *out, const struct complete_command *commands, size_t n)
{
	out_str(out, "# fish completion of memwatch; made by: memwatch completion fish\n"
		     "function __memwatch_is\n\tset -l words (commandline -opc)\n\tset -l command ");
	out_printf(out, "%s\n\tif set -q words[2]; and contains -- $words[2]", commands[0].name);
	for (size_t i = 0; i < n; i++)
		out_printf(out, " %s", commands[i].name);
	out_str(out, "\n\t\tset command $words[2]\n\tend\n\ttest $command = $argv[1]\nend\n\n"
		     "complete -c memwatch -n 'test (count (commandline -opc)) -gt 1; and __memwatch_is ");
	out_printf(out, "%s' -x -a '(__fish_complete_subcommand --fcs-skip=1)'\n", commands[0].name);
	for (size_t i = 0; i < n; i++) {
		out_printf(out, "complete -c memwatch -n 'test (count (commandline -opc)) -eq 1' -a %s -d ",
			   commands[i].name);
		put_fish_text(out, commands[i].summary);
		out_char(out, '\n');
	}
	out_str(out, "complete -c memwatch -n '__memwatch_is completion' -x -a 'bash zsh fish'\n");
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < opts_table_entries; k++)
			if (is_for(&opts_table[k], commands[i].options))
				put_fish_option(out, &opts_table[k], commands[i].name);
}

int complete_print(struct out *out, const char *shell, const struct complete_command *commands, size_t n)
{
	static const struct {
		const char *shell;
		void (*print)(struct out *out, const struct complete_command *commands, size_t n);
	} shells[] = {{"bash", print_bash}, {"zsh", print_zsh}, {"fish", print_fish}};

	for (size_t i = 0; i < MW_ARRAY_LEN(shells); i++) {
		if (!strcmp(shells[i].shell, shell)) {
			shells[i].print(out, commands, n);
			return 0;
		}
	}
	return -1;
}
