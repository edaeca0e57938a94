/* sha256.c — digests. */
#include "base/sha256.h"

#include "support/spec.h"

static const char empty[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
static const char abc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST(digests_equal_the_published_vectors)
{
    char hex[SHA256_HEX];

    sha256_hex("", 0, hex);
    assert_string_equal(hex, empty);
    sha256_hex("abc", 3, hex);
    assert_string_equal(hex, abc);
}

TEST(the_parts_in_which_bytes_come_do_not_matter)
{
    struct sha256 *s = sha256_new();
    char hex[SHA256_HEX];

    sha256_add(s, "a", 1);
    sha256_add(s, "", 0);
    sha256_add(s, "bc", 2);
    sha256_finish(s, hex);
    assert_string_equal(hex, abc);
}

TEST(a_digest_can_be_given_up)
{
    struct sha256 *s = sha256_new();

    sha256_add(s, "abc", 3);
    sha256_free(s);
    sha256_free(NULL);
}

SPEC_MAIN()
