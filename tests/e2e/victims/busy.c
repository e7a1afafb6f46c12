/* Works on each line that it reads: the first word says what to do, the second how often. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct node {
	struct node *next;
	char data[1000];
};

static struct node *cache_head;
void *volatile table;

static void cache_add(void)
{
	struct node *node = malloc(sizeof(*node));

	node->next = cache_head;
	cache_head = node;
}

static void churn(void)
{
	free(malloc(100000));
}

static void make_table(void)
{
	table = malloc(3000000);
}

int main(void)
{
	char line[64], word[16];
	int n;

	make_table();
	printf("ready %d\n", (int)getpid());
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin)) {
		if (sscanf(line, "%15s %d", word, &n) != 2)
			continue;
		for (int i = 0; i < n; i++) {
			if (!strcmp(word, "add"))
				cache_add();
			else
				churn();
		}
	}
	return 0;
}
