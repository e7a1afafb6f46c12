/* Leaks of known sizes, each by a function of its own; none of it is left on a stack. */
#include <stdlib.h>
#include <string.h>

struct node {
	struct node *next;
	char *text;
};

static void *volatile sink;
static void *kept;

static void scrub(void)
{
	char volatile frames[8192];

	memset((char *)frames, 0, sizeof(frames));
}

static void lose_ten(void)
{
	sink = malloc(10);
}

static void lose_zeroed(void)
{
	sink = calloc(4, 5);
}

static void lose_aligned(void)
{
	void *p = NULL;

	if (posix_memalign(&p, 64, 40) == 0)
		sink = p;
	p = NULL;
}

static void lose_grown(void)
{
	void *p = malloc(8);

	sink = realloc(p, 80);
	p = NULL;
}

static struct node *new_node(struct node *next)
{
	struct node *node = malloc(sizeof(*node));

	node->next = next;
	node->text = NULL;
	return node;
}

/* One list of three nodes (48 bytes), the first with a text of 160; nothing holds its head. */
static void lose_list(void)
{
	struct node *list = NULL;

	for (int i = 0; i < 3; i++)
		list = new_node(list);
	list->text = malloc(160);
	sink = list;
}

/* Two heads of 32 bytes each share a buffer of 320. */
static void *first_head(void *shared)
{
	void **head = malloc(32);

	head[0] = shared;
	return head;
}

static void *second_head(void *shared)
{
	void **head = malloc(32);

	head[0] = shared;
	return head;
}

static void *shared_buffer(void)
{
	return malloc(320);
}

static void lose_shared(void)
{
	void *shared = shared_buffer();

	sink = first_head(shared);
	sink = second_head(shared);
	shared = NULL;
}

static void keep(void)
{
	kept = malloc(640);
}

int main(void)
{
	lose_ten();
	lose_zeroed();
	lose_aligned();
	lose_grown();
	lose_list();
	lose_shared();
	keep();
	sink = NULL;
	scrub();
	return 0;
}
