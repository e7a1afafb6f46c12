/* One block of its own size from each C allocation function, all kept. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *kept[32];

int main(void)
{
	int n = 0;

	kept[n++] = malloc(101);
	kept[n++] = calloc(3, 34);
	kept[n++] = realloc(NULL, 103);
	kept[n++] = realloc(malloc(7), 10400);
	kept[n++] = reallocarray(NULL, 5, 21);
	if (posix_memalign(&kept[n++], 64, 106) != 0)
		return 1;
	kept[n++] = aligned_alloc(16, 107);
	kept[n++] = memalign(256, 108);
	kept[n++] = valloc(109);
	kept[n++] = pvalloc(110);
	kept[n++] = strdup("a string of twenty-nine bytes"); /* libc's own call of malloc */
	kept[n++] = malloc(0);
	free(malloc(5000));
	if (malloc_usable_size(kept[0]) < 101)
		return 1;
	return 0;
}
