/* Gives files to a fuzz target, one by one, where libFuzzer's own main is not linked. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay(const char *path)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data;
	long size;

	if (!file || fseek(file, 0, SEEK_END) != 0 || (size = ftell(file)) < 0 || fseek(file, 0, SEEK_SET) != 0) {
		perror(path);
		return -1;
	}
	data = malloc((size_t)size); /* of the exact size, so that a sanitizer sees one byte too far */
	if (size > 0 && (!data || fread(data, (size_t)size, 1, file) != 1)) {
		perror(path);
		return -1;
	}
	fclose(file);
	LLVMFuzzerTestOneInput(data, (size_t)size);
	free(data);
	return 0;
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (replay(argv[i]) != 0)
			return 1;
	}
	return 0;
}
