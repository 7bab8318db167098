"""The alert rules: what they read exists, what they say is explained, and each is raised by its fault and by nothing else."""

import json
import re
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pytest

from docaxis.domain.verdict import Reason
from docaxis.hub.metrics import Metrics
from docaxis.web.metrics import WebMetrics

ROOT = Path(__file__).resolve().parents[1]
RULES = ROOT / "deploy/prometheus/docaxis.rules.yml"
PAGE = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^      - alert: (\w+)\n(.*?)(?=^      - alert:|^  - name:|\Z)", re.DOTALL | re.MULTILINE)
ALERTS = dict(BLOCK.findall(RULES.read_text(encoding="utf-8")))
HUB = '{job="docaxis",instance="hub-1"}'
NEVER = "NaN " * 120
"""The hub's word for nothing to tell."""

# Minutes of a hub that is well: every metric that a rule reads.
WELL = {
    f"up{HUB}": "1x120",
    f"process_start_time_seconds{HUB}": "5x120",
    f"process_resident_memory_bytes{HUB}": "3e8x120",
    f"process_open_fds{HUB}": "60x120",
    f"process_max_fds{HUB}": "1024x120",
    'docaxis_build_info{job="docaxis",instance="hub-1",version="1.0"}': "1x120",
    f"docaxis_broker_connected{HUB}": "1x120",
    f"docaxis_broker_blocked{HUB}": "0x120",
    f"docaxis_broker_connections_total{HUB}": "3x120",
    f"docaxis_ingress_ready{HUB}": "40x120",
    f"docaxis_redeliveries_total{HUB}": "0x120",
    f"docaxis_outbox_oldest_seconds{HUB}": "0.2x120",
    f"docaxis_publications_unconfirmed_total{HUB}": "0x120",
    f"docaxis_inboxes_short_total{HUB}": "0x120",
    f"docaxis_store_unavailable_total{HUB}": "0x120",
    'docaxis_commit_duration_seconds_bucket{job="docaxis",instance="hub-1",le="0.1"}': "0+60x120",
    'docaxis_commit_duration_seconds_bucket{job="docaxis",instance="hub-1",le="10"}': "0+60x120",
    'docaxis_commit_duration_seconds_bucket{job="docaxis",instance="hub-1",le="+Inf"}': "0+60x120",
    f"docaxis_state_available_bytes{HUB}": "5e10x120",
    f"docaxis_state_available_inodes{HUB}": "1e6x120",
    f"docaxis_blobs_unavailable_total{HUB}": "0x120",
    f"docaxis_sequencer_leading{HUB}": "1x120",
    f"docaxis_events_pending_oldest_seconds{HUB}": "0.3x120",
    f"docaxis_clock_offset_seconds{HUB}": "-0.01x120",
    f"docaxis_quarantined_total{HUB}": "0x120",
    'docaxis_submissions_total{job="docaxis",instance="hub-1",outcome="accepted",code=""}': "0+60x120",
    'docaxis_submissions_total{job="docaxis",instance="hub-1",outcome="rejected",code="PKG.ID_CONFLICT"}': "0x120",
    'docaxis_submissions_total{job="docaxis",instance="hub-1",outcome="rejected",code="SIG.REVOKED"}': "0+1x120",
    f"docaxis_submissions_deferred{HUB}": "0x120",
    f"docaxis_copies_waiting_oldest_seconds{HUB}": "0x120",
    f"docaxis_copies_fetched_total{HUB}": "0+100x120",
    f"docaxis_copies_unfetched{HUB}": "70x120",
    f"docaxis_deadlines_behind_seconds{HUB}": "0.8x120",
    f"docaxis_acknowledgements_unreadable_total{HUB}": "0x120",
    f"docaxis_notifications_behind_seconds{HUB}": "2x120",
    f"docaxis_subscriptions_given_up_total{HUB}": "0x120",
    f"docaxis_snapshot_age_seconds{HUB}": "12x120",
    f"docaxis_trust_problems{HUB}": "0x120",
    f"docaxis_crl_next_update_timestamp_seconds{HUB}": "1e6x120",
    f"docaxis_seal_not_after_timestamp_seconds{HUB}": "1e8x120",
}

WEB = '{job="docaxis-web",instance="web-1"}'
_ANSWERED = 'docaxis_web_requests_total{job="docaxis-web",instance="web-1",page="sent",status='
_TIMED = 'docaxis_web_request_duration_seconds_bucket{job="docaxis-web",instance="web-1",page="sent",le='
_FAILED = 'docaxis_web_sign_in_failures_total{job="docaxis-web",instance="web-1",way="password"}'
WELL |= {
    f"up{WEB}": "1x120",
    f'{_ANSWERED}"2xx"}}': "0+600x120",
    f'{_ANSWERED}"5xx"}}': "0x120",
    f'{_TIMED}"0.3"}}': "0+594x120",
    f'{_TIMED}"1"}}': "0+600x120",
    f'{_TIMED}"3"}}': "0+600x120",
    f'{_TIMED}"+Inf"}}': "0+600x120",
    _FAILED: "0+1x120",
    f"docaxis_web_sign_in_stopped_total{WEB}": "0x120",
}

_COMMITS = 'docaxis_commit_duration_seconds_bucket{job="docaxis",instance="hub-1",le="0.1"}'
_SUBMISSIONS = 'docaxis_submissions_total{job="docaxis",instance="hub-1",outcome='

# Alert → what its fault makes of the series.
FAULTS = {
    "DocaxisDown": {f"up{HUB}": "1x100 0x20"},
    "DocaxisRestarting": {f"process_start_time_seconds{HUB}": "5x105 6300x4 6600x4 6900x7"},
    "DocaxisMemoryHigh": {f"process_resident_memory_bytes{HUB}": "3e8+3e7x120"},
    "DocaxisFilesHigh": {f"process_open_fds{HUB}": "60+9x120"},
    "DocaxisVersionsMixed": {'docaxis_build_info{job="docaxis",instance="hub-2",version="1.1"}': "_x50 1x70"},
    "DocaxisNotConsuming": {f"docaxis_broker_connected{HUB}": "1x110 0x10"},
    # Seen at every other look only: the hub throws the blocked connection away and opens another.
    "DocaxisBrokerBlocked": {f"docaxis_broker_blocked{HUB}": "0x110 1 0 1 0 1 0 1 0 1 0"},
    "DocaxisReconnecting": {f"docaxis_broker_connections_total{HUB}": "3x100 3+1x20"},
    "DocaxisRedeliveries": {f"docaxis_redeliveries_total{HUB}": "0x105 0+100x15"},
    "DocaxisOutboxOld": {f"docaxis_outbox_oldest_seconds{HUB}": "0.2x105 0+60x15"},
    "DocaxisUnconfirmed": {f"docaxis_publications_unconfirmed_total{HUB}": "0x100 0+2x20"},
    "DocaxisInboxLost": {f"docaxis_inboxes_short_total{HUB}": "0x115 1x5"},
    "DocaxisIngressBehind": {f"docaxis_ingress_ready{HUB}": "40x100 0+2000x20"},
    "DocaxisStoreUnavailable": {f"docaxis_store_unavailable_total{HUB}": "0x110 0+30x10"},
    "DocaxisCommitSlow": {_COMMITS: "0+60x80 4860+6x40"},
    "DocaxisDiskLow": {f"docaxis_state_available_bytes{HUB}": "5e10-5e8x120"},
    "DocaxisDiskLow of inodes": {f"docaxis_state_available_inodes{HUB}": "1e6x100 5000x20"},
    "DocaxisBlobsUnavailable": {f"docaxis_blobs_unavailable_total{HUB}": "0x115 4x5"},
    "DocaxisNoSequencer": {f"docaxis_sequencer_leading{HUB}": "1x110 0x10"},
    "DocaxisLogBehind": {f"docaxis_events_pending_oldest_seconds{HUB}": "0.3x100 0+60x20"},
    "DocaxisClockOff": {f"docaxis_clock_offset_seconds{HUB}": "0x110 -600x10"},
    "DocaxisQuarantined": {f"docaxis_quarantined_total{HUB}": "0x115 1x5"},
    "DocaxisIdConflict": {f'{_SUBMISSIONS}"rejected",code="PKG.ID_CONFLICT"}}': "0x115 1x5"},
    "DocaxisManyRefused": {f'{_SUBMISSIONS}"rejected",code="SIG.REVOKED"}}': "0+1x90 90+80x30"},
    "DocaxisDeferred": {f"docaxis_submissions_deferred{HUB}": "0x50 3x70"},
    "DocaxisCopiesWaiting": {f"docaxis_copies_waiting_oldest_seconds{HUB}": "86000+60x120"},
    "DocaxisNothingFetched": {f"docaxis_copies_fetched_total{HUB}": "0+100x40 4000x80"},
    "DocaxisDeadlinesBehind": {f"docaxis_deadlines_behind_seconds{HUB}": "0.8x110 5+60x10"},
    "DocaxisAcknowledgementsUnreadable": {f"docaxis_acknowledgements_unreadable_total{HUB}": "0x115 1x5"},
    "DocaxisNotificationsBehind": {f"docaxis_notifications_behind_seconds{HUB}": "2x40 0+120x80"},
    "DocaxisSubscriptionGivenUp": {f"docaxis_subscriptions_given_up_total{HUB}": "0x100 1x20"},
    "DocaxisSnapshotOld": {f"docaxis_snapshot_age_seconds{HUB}": "12x105 0+60x15"},
    "DocaxisTrustProblems": {f"docaxis_trust_problems{HUB}": "0x110 1x10"},
    "DocaxisCrlExpiring": {f"docaxis_crl_next_update_timestamp_seconds{HUB}": "28000x120"},
    "DocaxisWebDown": {f"up{WEB}": "1x100 0x20"},
    "DocaxisWebFaults": {f'{_ANSWERED}"5xx"}}': "0x100 0+30x20"},
    "DocaxisWebSlow": {f'{_TIMED}"0.3"}}': "0+594x80 47520+60x40", f'{_TIMED}"1"}}': "0+600x80 48000+60x40"},
    "DocaxisWebSignInFailures": {_FAILED: "0+1x100 100+20x20"},
    "DocaxisSealExpiring": {f"docaxis_seal_not_after_timestamp_seconds{HUB}": "1e6x120"},
}
QUIET = {
    "a hub that is well": {},
    "nothing to tell": {
        f"docaxis_crl_next_update_timestamp_seconds{HUB}": NEVER,
        f"docaxis_state_available_inodes{HUB}": NEVER,
        f"docaxis_snapshot_age_seconds{HUB}": NEVER,
    },
    "one restart": {f"process_start_time_seconds{HUB}": "5x110 6600x10", f"docaxis_redeliveries_total{HUB}": "0x110 600x10"},
    "a second process that does not lead": {'docaxis_sequencer_leading{job="docaxis",instance="hub-2"}': "0x120"},
    "a second process that is behind": {
        'docaxis_deadlines_behind_seconds{job="docaxis",instance="hub-2"}': "0+60x120",
    },
    "a hub without pages": {series: "_x120" for series in WELL if 'job="docaxis-web"' in series},
    "a restart of the pages": {f"up{WEB}": "1x117 0 1 1", f'{_ANSWERED}"5xx"}}': "0x110 3x10"},
    "a quiet night": {f"docaxis_copies_fetched_total{HUB}": "4000x120", f"docaxis_copies_unfetched{HUB}": "0x120"},
}  # fmt: skip


def exposed() -> set[str]:
    """Return the names of all samples that hub and web processes show."""
    pages = WebMetrics()
    pages.answered("sent", 200, 0.1)
    families = [*Metrics().registry.collect(), *pages.registry.collect()]
    return {sample.name for family in families for sample in family.samples} | {"up"}


def field(alert: str, name: str) -> str:
    found = re.search(rf"^ +{name}: (.*)$", ALERTS[alert], re.MULTILINE)
    assert found, f"{alert} has no {name}"
    return found[1]


def test_every_metric_that_a_rule_reads_exists() -> None:
    assert len(ALERTS) == RULES.read_text(encoding="utf-8").count("alert:")
    read = {
        name for body in ALERTS.values() for name in re.findall(r"\b(?:docaxis_[a-z_]+|process_[a-z_]+|up)\b", body)
    }
    assert read - exposed() == set()
    assert {re.split(r"[{]", series)[0] for series in WELL} == read


def test_every_code_that_a_rule_names_is_a_refusal() -> None:
    codes = {code for body in ALERTS.values() for code in re.findall(r'code="([^"]+)"', body)}
    assert codes
    assert codes <= {reason.value for reason in Reason}


def test_every_alert_has_its_section_and_every_section_its_alert() -> None:
    sections = dict(re.findall(r"^### (Docaxis\w+)\n\n(\w+)\. ", PAGE, re.MULTILINE))
    assert sections.keys() == ALERTS.keys()
    for alert in ALERTS:
        assert field(alert, "runbook") == f"docs/operations.md#{alert.lower()}"
        severity = field(alert, "labels")
        assert severity in {"{severity: critical}", "{severity: warning}"}
        assert sections[alert].lower() in severity
        summary = field(alert, "summary").strip('"')
        assert summary.endswith(".")
        assert len(summary) < 160


def test_every_alert_is_tried() -> None:
    assert {name.partition(" ")[0] for name in FAULTS} == ALERTS.keys()


Trial = tuple[str, Mapping[str, str], frozenset[str]]
"""Its name, what it makes of the series, the alerts that it must raise: these and no others."""
ALONE: list[Trial] = [
    *((name, series, frozenset({name.partition(" ")[0]})) for name, series in FAULTS.items()),
    *((name, series, frozenset()) for name, series in QUIET.items()),
    ("no hub at all", dict.fromkeys(WELL, "_x120"), frozenset({"DocaxisDown"})),
]


def together(trials: Sequence[Trial]) -> list[Trial]:
    """Put trials into as few as can be: no two in one change the same series or raise the same alert."""
    joined: list[Trial] = []
    for name, series, wanted in trials:
        for number, (names, all_series, all_wanted) in enumerate(joined):
            if not (series.keys() & all_series.keys() or wanted & all_wanted or bool(wanted) != bool(all_wanted)):
                joined[number] = f"{names}, {name}", {**all_series, **series}, all_wanted | wanted
                break
        else:
            joined.append((name, series, wanted))
    return joined


def test_faults_that_are_tried_together_are_all_tried() -> None:
    joined = together(ALONE)
    assert len(joined) < len(ALONE) / 3
    assert {name for names, _, _ in joined for name in names.split(", ")} == {name for name, _, _ in ALONE}


@pytest.mark.slow
@pytest.mark.parametrize(
    "trials",
    [
        pytest.param(together(ALONE), id="several-at-once"),
        pytest.param(ALONE, id="each-alone", marks=[pytest.mark.long, pytest.mark.timeout(900)]),
    ],
)
def test_each_fault_raises_its_alert_and_no_other(trials: Sequence[Trial], promtool: Path, tmp_path: Path) -> None:
    checked = subprocess.run([promtool, "check", "rules", RULES], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    tests = [_trial(*one) for one in trials]
    # JSON is YAML too.
    file = tmp_path / "alerts.json"
    file.write_text(json.dumps({"rule_files": [str(RULES)], "evaluation_interval": "1m", "tests": tests}))
    tried = subprocess.run([promtool, "test", "rules", file], capture_output=True, text=True, check=False)
    assert tried.returncode == 0, tried.stdout + tried.stderr


def _trial(name: str, series: Mapping[str, str], wanted: Iterable[str]) -> dict[str, object]:
    """Say which alerts are firing, by name, after two hours of these series over those of a hub that is well."""
    samples = [{"labels": f'{{alertname="{alert}"}}', "value": 1} for alert in sorted(wanted)]
    question = 'max by (alertname) (ALERTS{alertstate="firing"})'
    return {
        "name": name,
        "interval": "1m",
        "input_series": [{"series": one, "values": values} for one, values in {**WELL, **series}.items()],
        "promql_expr_test": [{"expr": question, "eval_time": "119m", "exp_samples": samples}],
    }
