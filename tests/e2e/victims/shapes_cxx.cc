// Objects of C++ left in many shapes, one per run: shapes_cxx NAME. As shapes.c: what is kept hangs on `kept`, nothing
// is printed, and the stack is wiped before the end.
#include <cstdlib>
#include <cstring>
#include <deque>
#include <exception>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <vector>

#define NOINLINE __attribute__((noinline))

static void *volatile kept[8];

struct counted {
	virtual ~counted()
	{
		delete[] text;
	}
	char *text = new char[20]();
};

// Its destructor makes new[] keep a count before the first.
struct destroyed {
	~destroyed()
	{
		delete held;
	}
	int *held = new int(1);
	long more = 0;
};

struct left {
	virtual ~left() = default;
	virtual void go_left()
	{
	}
	long l = 1;
};

struct right {
	virtual ~right() = default;
	virtual void go_right()
	{
	}
	long r = 2;
};

struct both : left, right {
	void go_right() override
	{
	}
	int *held = new int(3);
};

struct diamond_left : virtual left {
	long dl = 4;
};

struct diamond_right : virtual left {
	long dr = 5;
};

struct diamond_both : diamond_left, diamond_right {
	int *held = new int(6);
};

struct ring {
	std::shared_ptr<ring> next;
	std::string name = "a name too long for the string itself to hold";
};

static const char *const text = "a text that is too long for the string itself to hold";

template <typename T> static NOINLINE T *fill_strings(T *into)
{
	for (int i = 0; i < 10; i++)
		into->push_back(text + std::to_string(i));
	return into;
}

template <typename T> static NOINLINE T *fill_map(T *into)
{
	for (int i = 0; i < 40; i++)
		(*into)[i * 7919 % 101].assign(i % 2 ? 60 : 3, 'x');
	return into;
}

static NOINLINE void wipe_stack()
{
	volatile char room[49152];

	for (size_t i = 0; i < sizeof(room); i++)
		room[i] = 0;
	__asm__ volatile("pxor %%xmm0, %%xmm0; pxor %%xmm1, %%xmm1; pxor %%xmm2, %%xmm2; pxor %%xmm3, %%xmm3"
			 :
			 :
			 : "xmm0", "xmm1", "xmm2", "xmm3");
}

using text_map = std::map<int, std::string>;
using text_table = std::unordered_map<int, std::string>;

static const struct shape {
	const char *name;
	void (*make)();
} shapes[] = {
	{"string_lost", [] { new std::string(text); }},
	{"string_kept", [] { kept[0] = new std::string(text); }},
	{"string_characters_kept", [] { kept[0] = const_cast<char *>((new std::string(text))->data()); }},
	{"vector_lost", [] { fill_strings(new std::vector<std::string>); }},
	{"vector_kept", [] { kept[0] = fill_strings(new std::vector<std::string>); }},
	{"vector_second_kept", [] { kept[0] = &(*fill_strings(new std::vector<std::string>))[1]; }},
	{"list_lost", [] { fill_strings(new std::list<std::string>); }},
	{"list_kept", [] { kept[0] = fill_strings(new std::list<std::string>); }},
	{"deque_lost", [] { fill_strings(new std::deque<std::string>); }},
	{"deque_kept", [] { kept[0] = fill_strings(new std::deque<std::string>); }},
	{"map_lost", [] { fill_map(new text_map); }},
	{"map_kept", [] { kept[0] = fill_map(new text_map); }},
	{"map_without_node", [] { kept[0] = &*fill_map(new text_map)->find(0); }},
	{"unordered_map_lost", [] { fill_map(new text_table); }},
	{"unordered_map_kept", [] { kept[0] = fill_map(new text_table); }},
	{"map_of_vectors_lost",
	 [] {
		 auto lists = new std::map<int, std::vector<std::string>>;

		 for (int i = 0; i < 10; i++)
			 fill_strings(&(*lists)[i]);
	 }},
	{"shared_cycle",
	 [] {
		 auto first = std::make_shared<ring>();

		 first->next = std::make_shared<ring>();
		 first->next->next = first;
	 }},
	{"function_kept",
	 [] {
		 std::string captured = text;

		 kept[0] = new std::function<size_t()>([captured] { return captured.size(); });
	 }},
	{"exception_kept",
	 [] {
		 try {
			 throw std::runtime_error(text);
		 } catch (...) {
			 kept[0] = new std::exception_ptr(std::current_exception());
		 }
	 }},
	{"array_kept", [] { kept[0] = new destroyed[5]; }},
	{"array_lost", [] { new destroyed[5]; }},
	{"array_third_kept", [] { kept[0] = new destroyed[5] + 2; }},
	{"array_virtual_kept", [] { kept[0] = new counted[4]; }},
	{"array_plain_kept", [] { kept[0] = new long[5](); }},
	{"array_empty_kept",
	 [] {
		 volatile size_t none = 0;

		 kept[0] = new destroyed[none];
	 }},
	{"array_empty_lost",
	 [] {
		 volatile size_t none = 0;

		 new destroyed[none];
	 }},
	{"second_base_kept", [] { kept[0] = static_cast<right *>(new both); }},
	{"second_bases_list",
	 [] {
		 auto bases = new std::list<right *>;

		 for (int i = 0; i < 5; i++)
			 bases->push_back(new both);
		 kept[0] = bases;
	 }},
	{"both_bases_lost", [] { new both; }},
	{"virtual_base_kept", [] { kept[0] = static_cast<left *>(new diamond_both); }},
	{"virtual_base_lost", [] { new diamond_both; }},
};

int main(int argc, char **argv)
{
	for (const shape &each : shapes) {
		if (argc < 2 || strcmp(each.name, argv[1]) != 0)
			continue;
		each.make();
		wipe_stack();
		return 0;
	}
	return 2;
}
