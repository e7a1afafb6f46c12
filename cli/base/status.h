/* The exit statuses that are memwatch's own; all others are the watched program's. */
#ifndef CLI_BASE_STATUS_H
#define CLI_BASE_STATUS_H

enum status {
	STATUS_OK = 0,
	STATUS_USAGE = 2,
	STATUS_FAILED = 125, /* memwatch itself failed, or the program cannot be watched */
	STATUS_CANNOT_EXECUTE = 126,
	STATUS_NOT_FOUND = 127,
};

#endif
