/* The command line that all controller programs share. */
#include "kube/options.h"
#include "support/spec.h"

static const struct program program = {.name = "website", .lease_namespace = "sites"};

/* Of one or two arguments; the sentence of a refusal, or "". */
static const char *parse(struct options *o, const char *first, const char *second)
{
    static struct err e;
    char *argv[] = {(char *)"website", (char *)first, (char *)second, NULL};
    int argc = first == NULL ? 1 : second == NULL ? 2 : 3;

    return options_parse(o, argc, argv, &program, &e) < 0 ? e.text : "";
}

TEST(without_arguments_the_defaults_hold)
{
    struct options o;
    assert_string_equal(parse(&o, NULL, NULL), "");
    assert_false(o.json);
    assert_false(o.watch_http2);
    assert_false(o.leader_elect);
    assert_string_equal(o.lease_namespace, "sites");
    assert_int_equal(o.scale_timeouts, 1);
}

TEST(a_value_stands_behind_an_equals_sign_or_in_the_next_argument)
{
    struct options o;
    assert_string_equal(parse(&o, "--listen=127.0.0.1:81", NULL), "");
    assert_string_equal(o.listen, "127.0.0.1:81");
    assert_string_equal(parse(&o, "--listen", "127.0.0.1:82"), "");
    assert_string_equal(o.listen, "127.0.0.1:82");
    assert_string_equal(parse(&o, "--listen", NULL), "--listen wants a value");
}

TEST(of_two_forms_the_wire_has_the_one_that_is_named)
{
    struct options o;
    assert_string_equal(parse(&o, "--wire=json", NULL), "");
    assert_true(o.json);
    assert_string_equal(parse(&o, "--wire", "protobuf"), "");
    assert_false(o.json);
    assert_string_equal(parse(&o, "--wire=cbor", NULL), "--wire is protobuf or json, not 'cbor'");
    assert_string_equal(parse(&o, "--wire=proto", NULL), "--wire is protobuf or json, not 'proto'");
    assert_string_equal(parse(&o, "--wire=", NULL), "--wire is protobuf or json, not ''");
}

TEST(a_flag_is_set_by_its_name_and_unset_by_false)
{
    struct options o;
    assert_string_equal(parse(&o, "--leader-elect", NULL), "");
    assert_true(o.leader_elect);
    assert_string_equal(parse(&o, "--leader-elect", "--leader-elect=false"), "");
    assert_false(o.leader_elect);
    assert_string_equal(parse(&o, "--leader-elect=yes", NULL),
                        "--leader-elect is true or false, not 'yes'");
}

TEST(what_is_no_option_is_named)
{
    struct options o;
    assert_string_equal(parse(&o, "--wires=json", NULL),
                        "unknown option '--wires=json', see --help");
    assert_string_equal(parse(&o, "-", NULL), "unknown option '-', see --help");
    assert_string_equal(parse(&o, "--=x", NULL), "unknown option '--=x', see --help");
    assert_string_equal(parse(&o, "--scale-timeouts=0", NULL),
                        "--scale-timeouts is a number from 1, not '0'");
    assert_string_equal(parse(&o, "--scale-timeouts=12x", NULL),
                        "--scale-timeouts is a number from 1, not '12x'");
}

TEST(a_program_that_writes_nothing_leads_nobody)
{
    struct options o;
    assert_string_equal(parse(&o, "--dry-run", "--leader-elect"),
                        "--dry-run writes nothing: leave --leader-elect out");
}

SPEC_MAIN()
