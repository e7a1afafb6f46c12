/* Every environment variable that memwatch reads or sets, in one table: X(id, name, who sets it, help). */
#ifndef COMMON_ENV_H
#define COMMON_ENV_H

#define MW_ENV_TABLE(X)                                                                                                \
	X(SESSION, "MEMWATCH_SESSION", "memwatch", "folder of the session that a watched process belongs to")          \
	X(OPTIONS, "MEMWATCH_OPTIONS", "user",                                                                         \
	  "options, as name=value separated by ':' or blanks, before those of the command line")                       \
	X(LEVEL, "MEMWATCH_LEVEL", "memwatch", "for the command of --on-warning: the threshold, in percent")           \
	X(LIVE_BYTES, "MEMWATCH_LIVE_BYTES", "memwatch", "for that command: live bytes of the process")                \
	X(LIMIT_BYTES, "MEMWATCH_LIMIT_BYTES", "memwatch", "for that command: the limit, in bytes")                    \
	X(PID, "MEMWATCH_PID", "memwatch", "for that command: the process")                                            \
	X(HTTP_TOKEN, "MEMWATCH_HTTP_TOKEN", "user", "the same as --http-token, for what ps would show")               \
	X(PRELOAD, "LD_PRELOAD", "memwatch", "the shim is put in front of what is there")

#define MW_ENV_NAME(id, name, setter, help) static const char MW_ENV_##id[] __attribute__((unused)) = name;
MW_ENV_TABLE(MW_ENV_NAME)
#undef MW_ENV_NAME

#endif
