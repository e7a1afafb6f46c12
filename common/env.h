/* Every environment variable that memwatch reads or sets, in one table: X(id, name, who sets it, help). */
#ifndef COMMON_ENV_H
#define COMMON_ENV_H

#define MW_ENV_TABLE(X)                                                                                                \
	X(SESSION, "MEMWATCH_SESSION", "memwatch", "folder of the session that a watched process belongs to")          \
	X(OPTIONS, "MEMWATCH_OPTIONS", "user",                                                                         \
	  "options, as name=value separated by ':' or blanks, before those of the command line")                       \
	X(PRELOAD, "LD_PRELOAD", "memwatch", "the shim is put in front of what is there")

#define MW_ENV_NAME(id, name, setter, help) static const char MW_ENV_##id[] __attribute__((unused)) = name;
MW_ENV_TABLE(MW_ENV_NAME)
#undef MW_ENV_NAME

#endif
