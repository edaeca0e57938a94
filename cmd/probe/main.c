/*
 * probe — the smallest program: it ends with success. Linked statically, it is started inside the
 * user's own image, so that the kubelet pulls that image and reports its digest before the run is
 * queued.
 */
int main(void)
{
    return 0;
}
