"""What goes through the staging tables: one tuple for an offence, one for a person of it."""

from typing import NamedTuple


class StagedOffence(NamedTuple):
    """Columns of the staging table, in order; metres, venue and distance are filled in by the batch (matching.py)."""

    row_no: int
    base_key: str
    has_reference: bool
    severity: int
    content_hash: str
    force: str
    open_data: bool
    synthetic: bool
    offence_code: str
    offence_group: str
    precision: str
    committed_on: str
    hour: int | None
    from_local: str
    from_fold: int
    to_local: str
    to_fold: int
    zone: str
    span: str
    night: str | None
    week: str
    night_weight: float
    day_weight: float
    recorded_on: str | None
    as_at: str
    location_type: str
    public_place: str
    domestic: str
    weapon: str
    alcohol: str
    hate: str
    district: str
    npa: str
    beat: str
    lsoa: str
    lsoa_name: str
    lsoa_vintage: str
    longitude: float | None
    latitude: float | None
    easting: float | None
    northing: float | None
    flags: str
    clock_mark: str = ""
    hour_shares: str = ""
    weight_start: int = 0
    weight_middle: int = 0
    weight_whole: int = 0
    placed: bool = False
    venue_code: str = ""
    distance_band: str = ""
    venue_list: str = ""


class StagedPerson(NamedTuple):
    """A victim or suspect of the row ``row_no``; ``person_key`` is a keyed hash, or empty."""

    row_no: int
    role: str
    age_band: str
    sex: str
    ethnic_group: str
    home_npa: str
    home_lsoa: str
    person_key: str
