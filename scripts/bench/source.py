# Prints a large C source: every way of statement, many functions. source.py FUNCTIONS
import sys

print("#include <math.h>\n#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n#include <unistd.h>")
for i in range(int(sys.argv[1])):
    print(f"""
struct s{i} {{ int a[{i % 7 + 1}]; double d; struct s{i} *next; const char *name; }};
static int compare{i}(const void *x, const void *y)
{{
	const struct s{i} *a = x, *b = y;
	return a->d < b->d ? -1 : a->d > b->d ? 1 : strcmp(a->name, b->name);
}}
int f{i}(struct s{i} *list, int n, double k)
{{
	int sum = {i};
	for (int j = 0; j < n; j++) {{
		switch ((list[j].a[0] + j) % {i % 5 + 3}) {{
		case 0: sum += (int)sqrt(list[j].d * k); break;
		case 1: sum ^= j << {i % 9}; list[j].next = &list[(j + 1) % n]; break;
		case 2: while (list[j].a[0]-- > j) sum = sum * 31 + (int)list[j].name[0]; break;
		default: printf("%d %s\\n", sum, list[j].name);
		}}
	}}
	qsort(list, (size_t)n, sizeof(*list), compare{i});
	return sum > {i * 17} && k > 0.5 ? sum - n : sum / (n + 1);
}}""")
