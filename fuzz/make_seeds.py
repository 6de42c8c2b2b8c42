#!/usr/bin/python3
"""fuzz/make_seeds.py: writes fuzz/corpus, the inputs that fuzzing starts from. All are made here, a few
hundred bytes each: nothing in them was ever a patient. The same run gives the same bytes."""

import gzip
import io
import json
import pathlib
import shutil
import struct
import tarfile
import zipfile

import numpy
import torch
from PIL import Image
from pydicom import uid
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import dcmwrite
from pydicom.sequence import Sequence

CORPUS = pathlib.Path(__file__).resolve().parent / "corpus"
SIDE = 8
RAMP = numpy.arange(SIDE * SIDE, dtype=numpy.uint16).reshape(SIDE, SIDE)
ROOT = "1.2.826.0.1.3680043.10.1"


def zipped(members: dict[str, bytes], method: int) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    return stream.getvalue()


def tarred(members: dict[str, bytes], link: str = "") -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, data in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
        if link:
            entry = tarfile.TarInfo("link")
            entry.type, entry.linkname = tarfile.SYMTYPE, link
            archive.addfile(entry)
    return stream.getvalue()


def archives() -> dict[str, bytes]:
    members = {"a/1.dcm": bytes(132) + b"DICM", "a/снимок": b"text\n" * 9}
    plain = zipped(members, zipfile.ZIP_STORED)
    return {
        "stored.zip": plain,
        "deflated.zip": zipped(members, zipfile.ZIP_DEFLATED),
        "nested.zip": zipped({"inner.zip": plain}, zipfile.ZIP_DEFLATED),
        "outside.zip": zipped({"../../outside": b"x", "/absolute": b"y"}, zipfile.ZIP_STORED),
        "plain.tar": tarred(members),
        "link.tar": tarred({}, link="../elsewhere"),
        "packed.tar.gz": gzip.compress(tarred(members), mtime=0),
    }


def slice_of(syntax: uid.UID, number: int = 1) -> Dataset:
    """A CT slice of 8 by 8 pixels, its pixels not yet set."""
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = syntax
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID = uid.CTImageStorage
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID = f"{ROOT}.3.{number}"
    ds.file_meta.ImplementationClassUID = f"{ROOT}.9"
    ds.is_little_endian = syntax.is_little_endian
    ds.is_implicit_VR = syntax.is_implicit_VR
    ds.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    ds.Modality, ds.BodyPartExamined = "CT", "CHEST"
    ds.PatientName, ds.PatientID = "Seed^Made", "seed"
    ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.FrameOfReferenceUID = (
        f"{ROOT}.1", f"{ROOT}.2", f"{ROOT}.4")
    ds.InstanceNumber = number
    ds.ImagePositionPatient, ds.ImageOrientationPatient = [0, 0, 2.5 * number], [1, 0, 0, 0, 1, 0]
    ds.PixelSpacing, ds.SliceThickness = [0.7, 0.7], 2.5
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.Rows = ds.Columns = SIDE
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 12, 11, 0
    ds.RescaleSlope, ds.RescaleIntercept, ds.PixelPaddingValue = 1, -1024, 0
    return ds


def written(ds: Dataset) -> bytes:
    stream = DicomBytesIO()
    dcmwrite(stream, ds, write_like_original=False)
    return stream.getvalue()


def plain(syntax: uid.UID) -> Dataset:
    ds = slice_of(syntax)
    ds.add_new("PixelData", "OW", RAMP.astype("<u2" if syntax.is_little_endian else ">u2").tobytes())
    return ds


def coded(syntax: uid.UID, frame: bytes, bits: int) -> bytes:
    ds = slice_of(syntax)
    ds.BitsAllocated = 8 if bits == 8 else 16
    ds.BitsStored, ds.HighBit = bits, bits - 1
    ds.PixelData = encapsulate([frame])
    ds["PixelData"].is_undefined_length = True
    ds["PixelData"].VR = "OB"
    return written(ds)


def picture(kind: str, mode: str, array: numpy.ndarray, **options) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(array, mode).save(stream, kind, **options)
    return stream.getvalue()


def run_length(data: bytes) -> bytes:
    """One segment of PackBits literals (PS3.5 annex G)."""
    return b"".join(bytes([len(data[i:i + 128]) - 1]) + data[i:i + 128]
                    for i in range(0, len(data), 128))


def dicoms() -> dict[str, bytes]:
    explicit = plain(uid.ExplicitVRLittleEndian)
    nested = plain(uid.ExplicitVRLittleEndian)
    for _ in range(6):
        item, inner = Dataset(), nested.get("ReferencedImageSequence")
        item.ReferencedSOPInstanceUID = f"{ROOT}.5"
        if inner:
            item.ReferencedImageSequence = inner
        nested.ReferencedImageSequence = Sequence([item])
    high, low = (run_length(part.tobytes()) for part in
                 ((RAMP >> 8).astype("u1"), (RAMP & 255).astype("u1")))
    rle = struct.pack("<16I", 2, 64, 64 + len(high), *[0] * 13) + high + low
    grey = (RAMP * 4).astype("u1")
    return {
        "explicit": written(explicit),
        "implicit": written(plain(uid.ImplicitVRLittleEndian)),
        "big-endian": written(plain(uid.ExplicitVRBigEndian)),
        "deflated": written(plain(uid.DeflatedExplicitVRLittleEndian)),
        "no-preamble": written(explicit)[132:],
        "nested": written(nested),
        "rle": coded(uid.RLELossless, rle + b"\0" * (len(rle) % 2), 16),
        "jpeg": coded(uid.JPEGBaseline8Bit, picture("JPEG", "L", grey), 8),
        "jpeg2000": coded(uid.JPEG2000Lossless,
                          picture("JPEG2000", "L", grey, no_jp2=True, num_resolutions=2), 8),
    }


def nifti(kind: int, array: numpy.ndarray, slope: float = 1) -> bytes:
    """A NIfTI-1 volume with an sform (nifti1.h), single file."""
    header = bytearray(352)
    struct.pack_into("<i", header, 0, 348)
    struct.pack_into("<8h", header, 40, 3, *array.shape[::-1], 1, 1, 1, 1)
    struct.pack_into("<2h", header, 70, kind, array.itemsize * 8)
    struct.pack_into("<8f", header, 76, 1, 0.7, 0.7, 2.5, 0, 0, 0, 0)
    struct.pack_into("<3f", header, 108, 352, slope, 0)
    header[123] = 2  # millimetres
    struct.pack_into("<2h", header, 252, 0, 1)
    struct.pack_into("<12f", header, 280, -0.7, 0, 0, 0, 0, -0.7, 0, 0, 0, 0, 2.5, 0)
    header[344:348] = b"n+1\0"
    return bytes(header) + array.tobytes()


def niftis() -> dict[str, bytes]:
    cube = numpy.arange(-32, 32, dtype="<i2").reshape(4, 4, 4)
    return {
        "int16.nii": nifti(4, cube),
        "scaled.nii": nifti(2, (cube + 32).astype("u1"), slope=2.5),
        "float.nii": nifti(16, cube.astype("<f4")),
        "packed.nii.gz": gzip.compress(nifti(4, cube), mtime=0),
    }


def images() -> dict[str, bytes]:
    grey = (RAMP * 4).astype("u1")
    colour = numpy.stack([grey, grey.T, 255 - grey], axis=2)
    return {
        "grey.png": picture("PNG", "L", grey),
        "colour.png": picture("PNG", "RGB", colour),
        "deep.png": picture("PNG", "I;16", RAMP * 1000),
        "palette.png": picture("PNG", "P", grey),
        "grey.jpg": picture("JPEG", "L", grey),
        "colour.jpg": picture("JPEG", "RGB", colour),
        "progressive.jpg": picture("JPEG", "L", grey, progressive=True),
    }


def safetensors(header: dict, data: bytes) -> bytes:
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def checkpoints() -> dict[str, bytes]:
    base = torch.arange(6, dtype=torch.float32).reshape(2, 3)
    state = {"state_dict": {"module.weight": base, "module.turned": base.t(),
                            "module.half": base.half(), "module.same": base[0, :1].expand(4)},
             "epoch": 3}
    seeds = {"stored.safetensors": safetensors(
        {"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]},
         "b": {"dtype": "BF16", "shape": [1, 2], "data_offsets": [8, 12]},
         "__metadata__": {"format": "pt"}}, bytes(12))}
    for name, zipped_form in ("zip.pt", True), ("legacy.pt", False):
        stream = io.BytesIO()
        torch.save(state, stream, _use_new_zipfile_serialization=zipped_form)
        seeds[name] = stream.getvalue()
    return seeds


def main() -> None:
    shutil.rmtree(CORPUS, ignore_errors=True)
    for target, seeds in {"archive": archives(), "dicom": dicoms(), "nifti": niftis(),
                          "image": images(), "checkpoint": checkpoints()}.items():
        folder = CORPUS / target
        folder.mkdir(parents=True)
        for name, data in seeds.items():
            (folder / name).write_bytes(data)
        print(f"{target}: {len(seeds)} seeds, {sum(map(len, seeds.values()))} bytes")


if __name__ == "__main__":
    main()
