/* rec.c — flat records: what is kept of an object, and how it reads back. */
#include "api/kinds.gen.h"
#include "base/attr.h"
#include "support/spec.h"

static struct arena a;

static const struct rec *record(const struct kind *k, const char *text)
{
    const struct json *j;
    const struct rec *r;
    uint32_t size;
    struct err e;

    assert_ok(json_parse(&a, text, strlen(text), &j, &e), &e);
    assert_ok(rec_build(&a, k->rows, j, &r, &size, &e), &e);
    assert_int_equal(size, rec_size(r));
    return r;
}

static const char run_text[] =
    "{\"apiVersion\":\"dkube.io/v1alpha1\",\"kind\":\"DkubeRun\",\"metadata\":{\"name\":\"r1\","
    "\"namespace\":\"vision\",\"uid\":\"u-1\",\"resourceVersion\":\"41\",\"generation\":3,"
    "\"creationTimestamp\":\"2026-11-23T01:00:00Z\",\"labels\":{\"b\":\"2\",\"a\":\"1\"},"
    "\"finalizers\":[\"dkube.io/lineage\"],\"annotations\":{\"dkube.io/forget\":\"true\"}},"
    "\"spec\":{\"image\":\"python:3.12\",\"command\":[\"python3\",\"train.py\",\"\"],\"gpus\":2,"
    "\"stop\":false,\"code\":{\"repo\":\"digits-code\"},\"resources\":{\"cpu\":2,\"memory\":"
    "\"4Gi\"},"
    "\"inputs\":[{\"name\":\"digits\",\"version\":3,\"mountPath\":\"/in\"},"
    "{\"name\":\"base\",\"kind\":\"Model\",\"mountPath\":\"/base\"}]},"
    "\"status\":{\"phase\":\"Running\",\"startTime\":\"2026-11-23T01:00:10Z\",\"admission\":"
    "{\"pool\":\"a100\",\"nodes\":[{\"name\":\"n1\",\"gpus\":2}]}}}";

TEST(metadata_of_every_kind_is_kept)
{
    const struct rec *r = record(&kind_dkuberun, run_text);

    assert_string_equal(rec_name(r), "r1");
    assert_string_equal(rec_namespace(r), "vision");
    assert_string_equal(rec_uid(r), "u-1");
    assert_string_equal(rec_rv(r), "41");
    assert_int_equal(rec_generation(r), 3);
    assert_int_equal(rec_created_ms(r), 1795395600000);
    assert_false(rec_is_deleted(r));
    assert_string_equal(rec_label(r, "a"), "1");
    assert_null(rec_label(r, "c"));
    assert_true(rec_has_finalizer(r, "dkube.io/lineage"));
    assert_false(rec_has_finalizer(r, "dkube.io"));
}

TEST(scalars_read_back_by_path)
{
    const struct rec *r = record(&kind_dkuberun, run_text);

    assert_string_equal(dkuberun_spec_image(r), "python:3.12");
    assert_int_equal(dkuberun_spec_gpus(r), 2);
    assert_string_equal(dkuberun_spec_code_repo(r), "digits-code");
    assert_int_equal(dkuberun_status_start_time(r), 1795395610000);
    assert_string_equal(dkuberun_metadata_annotations_get(r, "dkube.io/forget"), "true");
}

TEST(a_number_or_string_is_kept_as_text)
{
    const struct rec *r = record(&kind_dkuberun, run_text);

    assert_string_equal(dkuberun_spec_resources_cpu(r), "2");
    assert_string_equal(dkuberun_spec_resources_memory(r), "4Gi");
    assert_null(dkuberun_spec_resources_shm(r));
}

TEST(false_and_absent_differ_only_by_presence)
{
    const struct rec *r = record(&kind_dkuberun, run_text);

    assert_false(dkuberun_spec_stop(r));
    assert_true(dkuberun_spec_stop_set(r));
    assert_false(dkuberun_spec_archived(r));
    assert_false(dkuberun_spec_archived_set(r));
}

TEST(an_absent_field_reads_as_nothing)
{
    const struct rec *r = record(&kind_dkuberun, run_text);

    assert_null(dkuberun_spec_owner(r));
    assert_int_equal(dkuberun_spec_priority(r), 0);
    assert_int_equal(rec_int_or(r, DKUBERUN_SPEC_PRIORITY, 7), 7);
    assert_int_equal(dkuberun_spec_outputs_count(r), 0);
    assert_null(dkuberun_spec_outputs_at(r, 0));
    assert_null(dkuberun_spec_outputs_name(dkuberun_spec_outputs_at(r, 0)));
}

TEST(a_field_of_another_type_counts_as_absent)
{
    const struct rec *r = record(
        &kind_dkuberun, "{\"spec\":{\"image\":7,\"gpus\":\"2\",\"stop\":\"yes\",\"command\":{},"
                        "\"code\":[]},\"metadata\":{\"labels\":[],\"name\":null}}");

    assert_false(dkuberun_spec_image_set(r));
    assert_false(dkuberun_spec_gpus_set(r));
    assert_false(dkuberun_spec_stop_set(r));
    assert_false(dkuberun_spec_code_set(r));
    assert_int_equal(dkuberun_spec_command_count(r), 0);
    assert_int_equal(rec_count(r, REC_LABELS), 0);
    assert_null(rec_name(r));
}

TEST(lists_of_strings_keep_their_order_and_empty_items)
{
    const struct rec *r = record(&kind_dkuberun, run_text);

    assert_int_equal(dkuberun_spec_command_count(r), 3);
    assert_string_equal(dkuberun_spec_command_at(r, 1), "train.py");
    assert_string_equal(dkuberun_spec_command_at(r, 2), "");
    assert_null(dkuberun_spec_command_at(r, 3));
}

TEST(elements_of_a_list_have_fields_of_their_own)
{
    const struct rec *r = record(&kind_dkuberun, run_text);
    const struct rec *second = dkuberun_spec_inputs_at(r, 1);

    assert_int_equal(dkuberun_spec_inputs_count(r), 2);
    assert_int_equal(dkuberun_spec_inputs_version(dkuberun_spec_inputs_at(r, 0)), 3);
    assert_string_equal(dkuberun_spec_inputs_name(second), "base");
    assert_false(dkuberun_spec_inputs_version_set(second));
    assert_string_equal(
        dkuberun_status_admission_nodes_name(dkuberun_status_admission_nodes_at(r, 0)), "n1");
}

TEST(lists_within_lists_are_kept)
{
    const struct rec *r = record(
        &kind_pod, "{\"spec\":{\"containers\":[{\"name\":\"main\",\"resources\":{\"requests\":"
                   "{\"nvidia.com/gpu\":\"2\"}}}]},\"status\":{\"containerStatuses\":[{\"name\":"
                   "\"main\",\"state\":{\"terminated\":{\"exitCode\":3}}}]}}");
    const struct rec *c = pod_spec_containers_at(r, 0);
    const struct rec *s = pod_status_container_statuses_at(r, 0);

    assert_string_equal(pod_spec_containers_resources_requests_get(c, "nvidia.com/gpu"), "2");
    assert_true(pod_status_container_statuses_state_terminated_set(s));
    assert_int_equal(pod_status_container_statuses_state_terminated_exit_code(s), 3);
    assert_false(pod_status_container_statuses_state_running_set(s));
}

TEST(a_raw_row_holds_the_subtree)
{
    const struct rec *r = record(&kind_dkuberun, run_text);
    const struct json *status = dkuberun_status(r, &a);

    assert_string_equal(json_str(status, "phase", ""), "Running");
    assert_string_equal(json_str(status, "admission.pool", ""), "a100");
    assert_null(json_get(dkuberun_spec(r, &a), "status"));
}

TEST(a_record_works_after_it_was_copied_elsewhere)
{
    const struct rec *r = record(&kind_dkuberun, run_text);
    uint32_t size = rec_size(r);
    const struct rec *copy = arena_memdup(&a, r, size);

    memset((void *)(uintptr_t)r, 0xdb, size);
    assert_string_equal(dkuberun_spec_command_at(copy, 0), "python3");
    assert_string_equal(dkuberun_spec_inputs_mount_path(dkuberun_spec_inputs_at(copy, 1)), "/base");
}

TEST(a_null_record_reads_as_empty)
{
    assert_null(rec_name(NULL));
    assert_false(rec_has(NULL, REC_UID));
    assert_int_equal(rec_generation(NULL), 0);
    assert_int_equal(rec_count(NULL, REC_LABELS), 0);
    assert_null(rec_controller_uid(NULL));
}

TEST(the_controller_owner_is_found_among_several)
{
    const struct rec *r = record(
        &kind_pod, "{\"metadata\":{\"ownerReferences\":[{\"uid\":\"x\",\"controller\":false},"
                   "{\"uid\":\"y\"},{\"uid\":\"z\",\"controller\":true}]}}");

    assert_string_equal(rec_controller_uid(r), "z");
    assert_null(rec_controller_uid(record(&kind_pod, "{}")));
}

TEST(only_our_own_appliers_are_kept_of_the_managed_fields)
{
    const struct rec *r =
        record(&kind_model,
               "{\"metadata\":{\"managedFields\":["
               "{\"manager\":\"kubectl\",\"operation\":\"Apply\",\"fieldsV1\":{\"f:spec\":{}}},"
               "{\"manager\":\"dkube-model-controller\",\"operation\":\"Update\",\"fieldsV1\":{}},"
               "{\"manager\":\"dkube-model-controller\",\"operation\":\"Apply\",\"subresource\":"
               "\"status\","
               "\"fieldsV1\":{\"f:status\":{\"f:latest\":{}}}}]}}");
    const struct rec *own = rec_item(r, MODEL_METADATA_MANAGED_FIELDS, 0);

    assert_int_equal(rec_count(r, MODEL_METADATA_MANAGED_FIELDS), 1);
    assert_string_equal(rec_str(own, REC_OWNED_SUBRESOURCE), "status");
    assert_string_equal(rec_str(own, REC_OWNED_FIELDS), "{\"f:status\":{\"f:latest\":{}}}");
}

TEST(a_table_may_have_more_than_64_rows)
{
    struct row row[130];
    struct rows rows = {"wide", row, ARRAY_LEN(row)};
    const struct rec *r;
    const struct json *j;
    uint32_t size;
    struct err e;

    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        row[i] = (struct row){arena_printf(&a, "f%zu", i), REC_INT, NULL};
    }
    assert_ok(json_parse(&a, "{\"f0\":1,\"f64\":2,\"f129\":3}", 25, &j, &e), &e);
    assert_ok(rec_build(&a, &rows, j, &r, &size, &e), &e);
    assert_int_equal(rec_int(r, 0) * 100 + rec_int(r, 64) * 10 + rec_int(r, 129), 123);
    assert_false(rec_has(r, 63));
    assert_false(rec_has(r, 128));
}

TEST(resource_versions_are_ordered_by_length_then_bytes)
{
    assert_true(rv_compare("9", "10") < 0);
    assert_true(rv_compare("10", "9") > 0);
    assert_true(rv_compare("19", "20") < 0);
    assert_int_equal(rv_compare("77", "77"), 0);
    assert_true(rv_compare(NULL, "1") < 0);
    assert_int_equal(rv_compare(NULL, ""), 0);
    assert_true(rv_compare("340282366920938463463374607431768211455", "9999999999999999999") > 0);
}

TEST(resource_versions_are_decimals_without_leading_zeros)
{
    assert_true(rv_is_valid("0"));
    assert_true(rv_is_valid("120"));
    assert_true(rv_is_valid(""));
    assert_false(rv_is_valid("012"));
    assert_false(rv_is_valid("-1"));
    assert_false(rv_is_valid("1e3"));
    assert_false(rv_is_valid(NULL));
}

TEST(quantities_become_whole_units_rounded_up)
{
    static const struct {
        const char *text;
        int64_t units;
    } cases[] = {
        {"0", 0},
        {"1", 1},
        {"500m", 1},
        {"1500m", 2},
        {"1Ki", 1024},
        {"1Gi", 1 << 30},
        {"1.5Gi", 1610612736},
        {"1e3", 1000},
        {"1E3", 1000},
        {"2E", 2000000000000000000},
        {"12e-1", 2},
        {"100n", 1},
        {"0.0001", 1},
        {".5", 1},
        {"5.", 5},
        {"+3", 3},
        {"1k", 1000},
        {"7Ei", 8070450532247928832},
        {"0e9", 0},
        {"0.0", 0},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int64_t units = -1;

        if (quantity_parse(cases[i].text, &units) < 0 || units != cases[i].units) {
            fail_msg("'%s' became %lld", cases[i].text, (long long)units);
        }
    }
}

TEST(malformed_negative_and_huge_quantities_are_refused)
{
    static const char *const cases[] = {"",
                                        "-1",
                                        "1 Gi",
                                        "Gi",
                                        "1gi",
                                        "1ee",
                                        "1e",
                                        ".",
                                        "0x10",
                                        "8Ei",
                                        "1..2",
                                        "1e99",
                                        "10E",
                                        "99999999999999999999999999999",
                                        "1.0000000000000000000000000000000000000001"};
    int64_t units = 42;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        if (quantity_parse(cases[i], &units) == 0) {
            fail_msg("'%s' became %lld", cases[i], (long long)units);
        }
    }
    assert_int_equal(quantity_parse(NULL, &units), -1);
    assert_int_equal(units, 42);
}

SPEC_MAIN()
