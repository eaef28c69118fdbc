"""A calm ground and one accent, taken from the magma colours of the spectrograms."""

import gradio as gr

MAGMA = gr.themes.Color(
    c50="#fff4ed",
    c100="#ffe6d5",
    c200="#fecfaf",
    c300="#feb78a",
    c400="#fe9f6d",
    c500="#f8765c",
    c600="#c83e5e",
    c700="#b5367a",
    c800="#812581",
    c900="#51127c",
    c950="#29115a",
)
NIGHT = gr.themes.Color(
    c50="#f8f7fa",
    c100="#efedf3",
    c200="#dedae6",
    c300="#c2bdce",
    c400="#9a94a9",
    c500="#6f697f",
    c600="#524d60",
    c700="#393546",
    c800="#252230",
    c900="#181620",
    c950="#0c0b12",
)

THEME = gr.themes.Default(
    primary_hue=MAGMA,
    secondary_hue=MAGMA,
    neutral_hue=NIGHT,
    # Nothing has to be loaded for these, and they have every weight.
    font=("system-ui", "sans-serif"),
    font_mono=("ui-monospace", "monospace"),
).set(
    button_primary_background_fill="*primary_400",
    button_primary_background_fill_dark="*primary_400",
    button_primary_background_fill_hover="*primary_300",
    button_primary_background_fill_hover_dark="*primary_300",
    button_primary_text_color="*neutral_950",
    button_primary_text_color_dark="*neutral_950",
    background_fill_primary_dark="*neutral_950",
    background_fill_secondary_dark="*neutral_900",
    block_background_fill_dark="*neutral_900",
    block_border_color_dark="*neutral_800",
    body_text_color_subdued="*neutral_500",
    link_text_color="*primary_700",
    link_text_color_dark="*primary_300",
)

WAVEFORM = gr.WaveformOptions(
    waveform_color=NIGHT.c400, waveform_progress_color=MAGMA.c500, trim_region_color=MAGMA.c600
)
