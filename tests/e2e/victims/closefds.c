/* Closes every descriptor above 2 (loop, range or dup2 over them), then writes its own files and allocates much. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	const char *way = argc > 1 ? argv[1] : "loop";
	int file;

	free(malloc(10));
	if (strcmp(way, "loop") == 0) {
		for (int fd = 3; fd < 70000; fd++)
			close(fd);
	} else if (strcmp(way, "range") == 0) {
		close_range(3, ~0u, 0);
	} else {
		for (int fd = 3; fd < 1024; fd++)
			dup2(1, fd);
		close_range(3, ~0u, 0);
	}
	for (int i = 0; i < 100; i++) {
		file = open("own-file", O_WRONLY | O_CREAT | O_APPEND, 0600);
		if (file != 3 || write(file, "own line\n", 9) != 9)
			return 1;
		for (int j = 0; j < 1000; j++)
			malloc(16);
		close(file);
	}
	return 0;
}
