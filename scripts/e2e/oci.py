"""Container images, written as OCI image layouts."""

import gzip
import hashlib
import io
import json
import pathlib
import socket
import tarfile

MANIFEST = "application/vnd.oci.image.manifest.v1+json"


def sha256(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def port():
    """A port that is free now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Layout:
    def __init__(self, folder):
        self.dir = pathlib.Path(folder)
        (self.dir / "blobs/sha256").mkdir(parents=True)
        (self.dir / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
        self.config = None

    def blob(self, data, media_type):
        digest = sha256(data)
        (self.dir / "blobs/sha256" / digest.removeprefix("sha256:")).write_bytes(data)
        return {"mediaType": media_type, "digest": digest, "size": len(data)}

    def json(self, value, media_type):
        return self.blob(json.dumps(value).encode(), media_type)

    def image(self, architecture, env, labels, created):
        """A descriptor of an image of one layer, with its platform."""
        tar = io.BytesIO()
        with tarfile.open(fileobj=tar, mode="w") as files:
            files.addfile(tarfile.TarInfo("etc"))
        layer = self.blob(gzip.compress(tar.getvalue(), mtime=0), "application/vnd.oci.image.layer.v1.tar+gzip")
        config = {
            "created": created, "architecture": architecture, "os": "linux",
            "config": {"Env": ["PATH=/bin", *(f"{k}={v}" for k, v in env.items())], "Labels": labels},
            "rootfs": {"type": "layers", "diff_ids": [sha256(tar.getvalue())]},
        }
        config = self.json(config, "application/vnd.oci.image.config.v1+json")
        self.config = config["digest"]
        manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": [layer]}
        return self.json(manifest, MANIFEST) | {"platform": {"os": "linux", "architecture": architecture}}

    def tag(self, descriptor):
        """Names it `it`."""
        descriptor = descriptor | {"annotations": {"org.opencontainers.image.ref.name": "it"}}
        (self.dir / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [descriptor]}))

    def index(self, descriptors):
        """An index of several, named `it`."""
        kind = "application/vnd.oci.image.index.v1+json"
        self.tag(self.json({"schemaVersion": 2, "mediaType": kind, "manifests": descriptors}, kind))
