"""The filters of ffmpeg that make small grey frames, each with its time, of a video's own."""

from moss.media.video_stream import VideoStream

MICROSECONDS = 1_000_000  # of a second: the unit of the times
TIMES_FILE = "times"
# ITU-R BT.2100: how PQ codes up to 10,000 cd/m2, and HLG the light of a scene.
PQ_M1, PQ_M2 = 2610 / 16384, 2523 / 4096 * 128
PQ_C1, PQ_C2, PQ_C3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
PQ_PEAK = 10_000.0
HLG_A, HLG_B, HLG_C = 0.17883277, 0.28466892, 0.55991073
HLG_PEAK, HLG_GAMMA = 1_000.0, 1.2  # of the display that HLG is usually mastered on
WHITE = 203.0  # cd/m2 of white paper in HDR, as ITU-R BT.2408 has it
SDR_GAMMA = 2.4  # of a display, ITU-R BT.1886
# Light up to half of white stays as it is, so that greys are those of SDR; above it a Moebius curve
# bends, with the same slope where it begins, so that 1,000 cd/m2 become the white of SDR.
KNEE = 0.5
BRIGHTEST = HLG_PEAK / WHITE


def filters_of(stream: VideoStream, rows: int, columns: int) -> str:
    """Return the graph that makes grey frames of `rows` x `columns` full-range bytes.

    With alpha each frame lies over black, and below it are as many rows of alpha. The times of the
    frames go to the file `TIMES_FILE`, one line "frame:..." with "pts:" in microseconds each.
    """
    scale = f"scale={columns}:{rows}:flags=area:out_range=full,format=gray"
    steps = [_tone_map(stream.transfer)] if stream.transfer else []
    if stream.has_alpha:
        alpha = f"alphaextract,scale={columns}:{rows}:flags=area:in_range=full:out_range=full"
        steps += [
            "format=yuva444p,premultiply=inplace=1,split[over][under]",
            # Without alpha of its own, so that nothing is left out where it is clear.
            f"[under]{alpha},format=gray[alpha];[over]format=yuv444p,{scale}[ink];[ink][alpha]vstack",
        ]
        graph = ";".join([",".join(steps[:-1]), steps[-1]])
    else:
        graph = ",".join([*steps, scale])
    # Only frames that have metadata are written down. Afterwards they are numbered, since two may
    # have the same time.
    times = (
        f"settb=1/{MICROSECONDS},metadata=add:key=moss:value=1,"
        f"metadata=print:file={TIMES_FILE}:direct=1,setpts=N"
    )
    return f"{graph},{times}"


def _tone_map(transfer: str) -> str:
    """Return the filter that makes an HDR film's luma that of SDR, a table of its values."""
    x = "clip((val-minval)/(maxval-minval),0,1)"
    if transfer == "smpte2084":
        p = f"pow({x},{1 / PQ_M2})"
        light = f"pow(max({p}-{PQ_C1},0)/({PQ_C2}-{PQ_C3}*{p}),{1 / PQ_M1})*{PQ_PEAK / WHITE}"
    else:
        scene = f"if(lte({x},0.5),{x}*{x}/3,(exp(({x}-{HLG_C})/{HLG_A})+{HLG_B})/12)"
        light = f"pow({scene},{HLG_GAMMA})*{HLG_PEAK / WHITE}"
    j, peak = KNEE, BRIGHTEST
    a = -j * j * (peak - 1) / (j * j - 2 * j + peak)
    b = (j * j - 2 * j * peak + peak) / (peak - 1)
    factor = (b * b + 2 * b * j + j * j) / (b - a)
    bent = f"if(lte(ld(0),{j}),ld(0),{factor}*(ld(0)+{a})/(ld(0)+{b}))"
    grey = f"pow(clip({bent},0,1),{1 / SDR_GAMMA})"
    return f"lutyuv=y='st(0,{light})*0+{grey}*(maxval-minval)+minval'"
