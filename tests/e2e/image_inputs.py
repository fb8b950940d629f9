"""Images as the tools of this world write them: docker save, podman save, skopeo and crane layouts, layers packed in every way, foreign
architectures. Each becomes one tag of the image `inputs`, is promoted, verified and pulled by real clients. What cannot be made here
(buildx with attestations, docker save of newer engines) is taken from the folder E2E_IMAGE_ARCHIVES: any {name}.tar."""
import json
import os
import shutil
import time

from image_clients import DockerEngine
from image_shapes import small_image, write_large_archive
from packyard_site import BUILD, clean_environment, free_port, run

IMAGE = "inputs"
LARGE_BYTES = 3 << 30
PEAK_MIB_MAX = 300
TAGS = 200


def by_command(machine, line, **more):
    outcome = machine.run("maker", line, **more)
    assert outcome.returncode == 0, f"{line}: {outcome.text}"


def make_all(machine, site, base, folder):
    """{tag: path}; `folder` is the machine's /case/inputs. base: `docker save` archives of three platforms."""
    os.makedirs(folder)
    made = {}
    for archive in base:
        shutil.copy(archive, folder)
    names = [os.path.basename(archive) for archive in base]
    made["platform-by-platform"] = [f"{folder}/{name}" for name in names]
    engine = DockerEngine(site)
    engine.run("maker", "load", "--input", base[0])
    tag = "acme/server:" + names[0].rsplit("_", 1)[0]
    engine.run("maker", "save", "--output", f"{folder}/docker-save.tar", tag)
    engine.run("maker", "image", "rm", tag)
    here = "/case/inputs"
    by_command(machine, f"skopeo copy docker-archive:{here}/{names[1]} oci-archive:{here}/skopeo-layout.tar:app:1.0")
    by_command(machine, f"skopeo copy --dest-compress-format zstd docker-archive:{here}/{names[0]} oci-archive:{here}/skopeo-zstd.tar:app")
    by_command(machine, f"skopeo copy docker-archive:{here}/{names[2]} docker-archive:{here}/skopeo-docker.tar:app:1.0")
    by_command(machine, f"podman load --quiet --input {here}/{names[0]}")
    by_command(machine, f"podman save --quiet --format oci-archive --output {here}/podman-oci.tar {tag}")
    by_command(machine, f"podman save --quiet --format docker-archive --output {here}/podman-docker.tar {tag}")
    with_registry(machine, names, here)
    for name in ("docker-save", "skopeo-layout", "skopeo-zstd", "skopeo-docker", "podman-oci", "podman-docker", "crane-layout", "skopeo-multi", "crane-docker"):
        made[name] = [f"{folder}/{name}.tar"]
    given = os.environ.get("E2E_IMAGE_ARCHIVES")
    for name in sorted(os.listdir(given)) if given else ():
        if name.endswith(".tar"):
            made[name.removesuffix(".tar")] = [f"{given}/{name}"]
    return made


def with_registry(machine, names, here):
    """crane makes layouts from what a registry holds: its own one, for a moment."""
    host = f"127.0.0.1:{free_port()}"
    machine.start("env", f"PORT={host.split(':')[1]}", "crane", "registry", "serve", "--address", host)
    by_command(machine, f"sh -c 'for i in 1 2 3 4 5 6 7 8 9; do crane catalog {host} && break; sleep 1; done'")
    for name in names:
        by_command(machine, f"crane push {here}/{name} {host}/app:{name}")
    parts = " ".join(f"--manifest {host}/app:{name}" for name in names)
    by_command(machine, f"crane index append {parts} --tag {host}/app:multi")
    by_command(machine, f"crane pull --format oci {host}/app:multi /srv/crane-layout")
    by_command(machine, f"tar -C /srv/crane-layout -cf {here}/crane-layout.tar .")
    by_command(machine, f"crane pull --format tarball {host}/app:{names[0]} {here}/crane-docker.tar")
    by_command(machine, f"skopeo copy --all --src-tls-verify=false docker://{host}/app:multi oci-archive:{here}/skopeo-multi.tar:app")


def stage(site, tag, archives):
    """One archive is {tag}.tar; several are {tag}_{platform}.tar."""
    folder = f"{site.folder}/staged-inputs"
    os.makedirs(folder, exist_ok=True)
    for archive in archives:
        name = f"{tag}.tar" if len(archives) == 1 else f"{tag}_{archive.rsplit('_', 1)[1]}"
        if os.path.lexists(f"{folder}/{name}"):
            os.unlink(f"{folder}/{name}")
        os.symlink(archive, f"{folder}/{name}")
        site.stage_image("core", [f"{folder}/{name}"], image=IMAGE)


def layer_types(site, tag):
    documents = [site.manifest(digest, image=IMAGE) for digest in site.digests(tag, image=IMAGE).values()]
    return {layer["mediaType"] for document in documents for layer in document.get("layers", [])}


def platforms(site, tag):
    """The architectures that a tag holds; a tag may name a manifest by itself."""
    found = set(site.digests(tag, image=IMAGE)) - {"index"}
    top = site.manifest(site.digests(tag, image=IMAGE)["index"], image=IMAGE)
    if "config" in top:
        with open(f"{site.published}/pool/oci/core/2025/{IMAGE}/blobs/sha256/{top['config']['digest'].removeprefix('sha256:')}", "rb") as file:
            found.add(json.load(file)["architecture"])
    return found


def input_cases(cases, site, machine, base):
    made = make_all(machine, site, base, f"{site.folder}/case/inputs")
    for tag, archives in made.items():
        stage(site, tag, archives)
    promoted = site.promote(check=False)
    cases.case("images inputs: promoted", lambda: promoted)
    if promoted.returncode != 0:
        return
    engine = DockerEngine(site)
    for tag in made:
        reference = site.reference(tag, image=IMAGE)
        name = f"images inputs {tag}"
        cases.case(f"{name}: cosign verifies", lambda: machine.verify("cosign", reference, "/case/cosign.pub", "-a", f"tag={tag}"))
        cases.case(f"{name}: skopeo verifies and pulls", lambda: machine.verify("skopeo", reference, "/case/cosign.pub"))
        # `crane validate` takes every layer for gzip and every manifest for an image with layers: what it says of plain and zstd
        # layers and of BuildKit's attestations is no finding.
        layers = layer_types(site, tag)
        packed = "--fast" if any(not layer.endswith("gzip") for layer in layers) else ""
        if not any(part.startswith("attestation") for part in site.digests(tag, image=IMAGE)):
            cases.case(f"{name}: crane validates{' ' + packed if packed else ''}",
                       lambda: machine.run("good", f"crane validate {packed} --remote {{reference}}", reference=reference))
        cases.case(f"{name}: crane pulls", lambda: machine.run("good", "crane pull --format oci {reference} {fresh}", reference=reference))
        cases.case(f"{name}: oras pulls", lambda: machine.pull("good", "oras", reference))
        for part, digest in site.digests(tag, image=IMAGE).items():
            if part != "index":
                cases.case(f"{name}: cosign verifies {part}", lambda: machine.verify("cosign", site.reference(digest, image=IMAGE), "/case/cosign.pub"))
        if "amd64" in platforms(site, tag) and all(engine.takes(layer) for layer in layers):
            cases.case(f"{name}: docker pulls", lambda: engine.pull("good", reference))
            engine.forget(reference)
    cases.case("images inputs: packyard verify", lambda: site.packyard("verify", check=False))


def measured_promotion(site):
    """(seconds, peak MiB) of one promotion."""
    started = time.monotonic()
    outcome = run(["python3", "-c", "import resource, subprocess, sys\ncode = subprocess.call(sys.argv[1:])\n"
                   "print('peak', resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\nsys.exit(code)", f"{BUILD}/packyard", "promote"],
                  env=clean_environment(PACKYARD_CONFIG=site.config, **site.secrets()), check=False)
    assert outcome.returncode == 0, outcome.stdout[-2000:] + outcome.stderr[-2000:]
    return time.monotonic() - started, int(outcome.stdout.rsplit("peak ", 1)[1]) / 1024


def size_cases(cases, site, machine, note):
    """A layer of 3 GiB in flat memory, and 200 tags of one image."""
    def large():
        archive = write_large_archive(f"{site.folder}/large.tar", "amd64", LARGE_BYTES)
        stage(site, "large", [archive])
        os.unlink(archive)
        seconds, peak_mib = measured_promotion(site)
        note(f"       {LARGE_BYTES >> 20} MiB layer: {seconds:.0f} s, peak memory {peak_mib:.0f} MiB")
        assert peak_mib < PEAK_MIB_MAX, peak_mib
        return machine.run("good", "crane validate --fast --remote {reference}", reference=site.reference("large", image=IMAGE))

    def many():
        for number in range(TAGS):
            stage(site, f"many-{number}", [f"{path}" for path in small_image(f"{site.folder}/many", f"many-{number}", f"number {number}", ("amd64",))])
        seconds, peak_mib = measured_promotion(site)
        note(f"       {TAGS} tags: {seconds:.0f} s, peak memory {peak_mib:.0f} MiB")
        listed = machine.run("good", "skopeo list-tags docker://{repository}", repository=site.repository(image=IMAGE))
        assert listed.text.count('"many-') == TAGS, listed.text[-500:]
        return machine.run("good", "crane ls {repository}", repository=site.repository(image=IMAGE))

    cases.case("images inputs: a layer of 3 GiB", large)
    cases.case(f"images inputs: {TAGS} tags of one image", many, shown=rf"many-{TAGS - 1}\b")
