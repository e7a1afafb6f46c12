/* Fractions are exact to nine digits: the value is kept as a whole part and billionths, never as a double. */
#include "cli/base/units.h"

#include <ctype.h>
#include <stddef.h>
#include <strings.h>

#define BILLION UINT64_C(1000000000)

struct unit {
	const char *name;
	uint64_t scale;
};

static const struct unit size_units[] = {
	{"", 1},
	{"B", 1},
	{"K", UINT64_C(1) << 10},
	{"KB", UINT64_C(1) << 10},
	{"KiB", UINT64_C(1) << 10},
	{"M", UINT64_C(1) << 20},
	{"MB", UINT64_C(1) << 20},
	{"MiB", UINT64_C(1) << 20},
	{"G", UINT64_C(1) << 30},
	{"GB", UINT64_C(1) << 30},
	{"GiB", UINT64_C(1) << 30},
	{"T", UINT64_C(1) << 40},
	{"TB", UINT64_C(1) << 40},
	{"TiB", UINT64_C(1) << 40},
};

static const struct unit duration_units[] = {
	{"", BILLION},  {"ns", 1},           {"us", 1000},          {"ms", 1000000},
	{"s", BILLION}, {"m", 60 * BILLION}, {"h", 3600 * BILLION},
};

/* Digits at *s; -1 when there are none or they do not fit. */
static int parse_digits(const char **s, uint64_t *value)
{
	const char *p = *s;

	*value = 0;
	for (; isdigit((unsigned char)*p); p++) {
		if (__builtin_mul_overflow(*value, 10, value) || __builtin_add_overflow(*value, *p - '0', value))
			return -1;
	}
	if (p == *s)
		return -1;
	*s = p;
	return 0;
}

static uint64_t parse_fraction(const char **s)
{
	uint64_t billionths = 0, digit_value = BILLION / 10;

	for (; isdigit((unsigned char)**s); (*s)++, digit_value /= 10)
		billionths += (uint64_t)(**s - '0') * digit_value;
	return billionths;
}

static int parse_scaled(const char *text, const struct unit *units, size_t n_units, uint64_t *value)
{
	const char *s = text;
	uint64_t whole, billionths = 0;

	if (parse_digits(&s, &whole))
		return -1;
	if (*s == '.') {
		s++;
		billionths = parse_fraction(&s);
	}
	for (size_t i = 0; i < n_units; i++) {
		unsigned __int128 total;

		if (strcasecmp(s, units[i].name))
			continue;
		total = (unsigned __int128)whole * units[i].scale;
		total += (unsigned __int128)billionths * units[i].scale / BILLION;
		if (total > UINT64_MAX)
			return -1;
		*value = (uint64_t)total;
		return 0;
	}
	return -1;
}

int units_number(const char *text, uint64_t min, uint64_t max, uint64_t *value, struct err *err)
{
	const char *s = text;
	uint64_t number;

	if (parse_digits(&s, &number) || *s || number < min || number > max)
		return err_set(err, "'%s' is not a whole number from %llu to %llu", text, (unsigned long long)min,
			       (unsigned long long)max);
	*value = number;
	return 0;
}

int units_size(const char *text, uint64_t *size_bytes, struct err *err)
{
	if (parse_scaled(text, size_units, MW_ARRAY_LEN(size_units), size_bytes))
		return err_set(err, "'%s' is not a size such as 4096, 64K, 1.5M or 2G", text);
	return 0;
}

int units_duration(const char *text, uint64_t *duration_ns, struct err *err)
{
	if (parse_scaled(text, duration_units, MW_ARRAY_LEN(duration_units), duration_ns))
		return err_set(err, "'%s' is not a duration such as 250ms, 10s, 5m or 1h", text);
	return 0;
}
