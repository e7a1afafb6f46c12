/* Loads each module named, calls its function "leak_NAME" from the file name, and unloads it. dlopen ./leak_a.so … */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		void *module = dlopen(argv[i], RTLD_NOW);
		char *name = strdup(strrchr(argv[i], '/') + 1);
		void *(*leak)(void);

		*strchr(name, '.') = '\0';
		if (!module)
			return 1;
		leak = (void *(*)(void))dlsym(module, name);
		if (!leak)
			return 2;
		printf("%p\n", leak());
		dlclose(module);
		free(name);
	}
	return 0;
}
