"""The compose file and the Kubernetes manifests agree with the code, and with each other."""

from __future__ import annotations

import re
import subprocess
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.metrics import MetricWrapperBase

from chassis import metrics, provision, settings
from chassis.config import Config
from chassis.secrets import KEY_BYTES, keys_from
from services.identity.service import alarm
from services.licensing.service import nightly
from services.organizations.service import accounts
from tests.deploy.manifests import (
    BASE,
    KUBERNETES,
    ROOT,
    SERVERS,
    VARIABLE,
    Manifest,
    composed,
    env_file,
    manifests,
    of_kind,
    pods,
)

PROCESSES = sorted(of_kind("Deployment"))
SECRETS = KUBERNETES / "overlays" / "example" / "secrets.sh"
# Where the code expects a key of its own from the environment.
KEYS = re.compile(r"_(SECRET_KEYS|PEPPER|SIGNING_KEYS)$")
# Read before the configuration file is.
BOOTSTRAP = {"FREEHOLD_CONFIG"}


def known_variables() -> set[str]:
    return BOOTSTRAP | {
        settings.variable(section, entry.name) for section, entry in settings.settings()
    }


def container_of(pod: Manifest) -> Manifest:
    containers: list[Manifest] = pod["containers"]
    assert len(containers) == 1
    return containers[0]


def process_of(name: str) -> str:
    """The compose file's word for what Kubernetes, which allows no underscore, calls ``name``."""
    return name.replace("-", "_")


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """What the example's script writes, by process."""
    folder = tmp_path_factory.mktemp("overlay") / "secrets"
    subprocess.run(["sh", str(SECRETS), str(folder)], check=True, capture_output=True)
    return {path.stem: env_file(path.read_text()) for path in folder.glob("*.env")}


@pytest.fixture(scope="module")
def base_settings() -> dict[str, str]:
    return env_file((BASE / "settings.env").read_text())


# The two ways to deploy


def test_every_process_of_the_compose_file_runs_in_kubernetes_with_the_same_command() -> None:
    in_kubernetes = {
        process_of(name): container_of(pod)["command"]
        for name, pod in pods().items()
        if name not in SERVERS
    }
    in_compose = {
        name: service["command"]
        for name, service in composed().items()
        if name not in SERVERS and "demo" not in service.get("profiles", [])
    }
    assert in_compose == in_kubernetes


def test_every_process_is_provisioned_with_a_broker_user() -> None:
    with_users = {
        entry.removesuffix("_broker_url")
        for entry in provision.ProvisionSettings.__dataclass_fields__
        if entry.endswith("_broker_url")
    }
    assert with_users == {process_of(name) for name in PROCESSES}


def test_every_variable_that_a_deployment_sets_is_a_setting() -> None:
    files = [
        ROOT / "docker-compose.yml",
        ROOT / "deploy" / "Dockerfile",
        *(path for path in sorted(KUBERNETES.rglob("*")) if path.is_file()),
    ]
    # These are the compose file's own, not a process's.
    known = known_variables() | {"FREEHOLD_IMAGE", "FREEHOLD_PORT"}
    unknown = {
        (str(path.relative_to(ROOT)), name)
        for path in files
        for name in VARIABLE.findall(_without_computed_names(path.read_text()))
        if name not in known
    }
    assert not unknown


def _without_computed_names(text: str) -> str:
    return re.sub(r"FREEHOLD_[A-Z_]*\$\(.*", "", text)


def test_every_secret_that_the_example_writes_is_a_setting(
    secrets: dict[str, dict[str, str]],
) -> None:
    written = {name for process in secrets.values() for name in process}
    assert written - {"POSTGRES_PASSWORD", "RABBITMQ_PASSWORD"} <= known_variables()


def test_settings_and_secrets_together_read_as_a_configuration(
    base_settings: dict[str, str], secrets: dict[str, dict[str, str]]
) -> None:
    for name in PROCESSES:
        config = Config.load(environment={**base_settings, **secrets[name]})
        assert config.is_production
        assert config.broker_url.startswith(f"amqp://{process_of(name)}:")


# What a process gets to know


def test_each_process_has_a_secret_of_its_own_and_no_other() -> None:
    for name, pod in pods().items():
        if name in SERVERS:
            continue
        sources = container_of(pod)["envFrom"]
        assert [source["secretRef"]["name"] for source in sources if "secretRef" in source] == [
            f"freehold-{name}"
        ]


def test_compose_and_kubernetes_give_each_process_the_same_secrets(
    secrets: dict[str, dict[str, str]], base_settings: dict[str, str]
) -> None:
    for name in [*PROCESSES, "provision"]:
        in_compose = composed()[process_of(name)]["environment"]
        hidden = {
            variable
            for variable, value in in_compose.items()
            if "PASSWORD" in str(value) or KEYS.search(variable) or variable.endswith("_MAIL_URL")
        }
        assert hidden == set(secrets[name]), name
        assert not hidden & set(base_settings)


def test_a_processs_broker_url_is_the_one_it_is_provisioned_with(
    secrets: dict[str, dict[str, str]],
) -> None:
    for name in PROCESSES:
        variable = f"FREEHOLD_PROVISION_{process_of(name).upper()}_BROKER_URL"
        assert secrets["provision"][variable] == secrets[name]["FREEHOLD_BROKER_URL"]
        composed_url = composed()["provision"]["environment"][variable]
        own_url = composed()[process_of(name)]["environment"]["FREEHOLD_BROKER_URL"]
        assert composed_url.replace(":?", "") == own_url


def test_the_example_makes_keys_that_the_code_takes(secrets: dict[str, dict[str, str]]) -> None:
    made = [
        value
        for process in secrets.values()
        for variable, value in process.items()
        if KEYS.search(variable)
    ]
    assert made
    for value in made:
        assert [len(key) for key in keys_from(value).values()] == [KEY_BYTES]


def composed_secrets(folder: Path) -> Path:
    """The file that the compose file's script writes, for a project in ``folder``."""
    script = folder / "deploy" / "compose" / "secrets.sh"
    script.parent.mkdir(parents=True, exist_ok=True)
    script.write_text((ROOT / "deploy" / "compose" / "secrets.sh").read_text())
    subprocess.run(["sh", str(script)], check=True, capture_output=True)
    return folder / ".env"


def test_the_compose_files_script_writes_every_variable_that_the_file_demands(
    tmp_path: Path,
) -> None:
    path = composed_secrets(tmp_path)
    written = env_file(path.read_text())
    demanded = set(re.findall(r"\$\{([A-Z_]+):\?", (ROOT / "docker-compose.yml").read_text()))
    assert demanded == set(written)
    for name, value in written.items():
        if KEYS.search(name):
            assert [len(key) for key in keys_from(value).values()] == [KEY_BYTES]
    assert path.stat().st_mode & 0o077 == 0


def test_a_second_run_of_the_compose_files_script_keeps_the_keys_of_the_first(
    tmp_path: Path,
) -> None:
    first = composed_secrets(tmp_path).read_text()
    assert composed_secrets(tmp_path).read_text() == first


# Rights, health and size of a process


@pytest.mark.parametrize("name", sorted(pods()))
def test_a_pod_runs_as_nobody_and_may_nothing(name: str) -> None:
    pod = pods()[name]
    container = container_of(pod)
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] > 0
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    assert container["securityContext"]["allowPrivilegeEscalation"] is False
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert container["resources"]["requests"].keys() >= {"cpu", "memory"}
    assert "memory" in container["resources"]["limits"]


@pytest.mark.parametrize("name", [*PROCESSES, "provision"])
def test_a_process_of_the_suite_writes_to_its_volumes_only(name: str) -> None:
    pod = pods()[name]
    container = container_of(pod)
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert {mount["name"] for mount in container["volumeMounts"]} == {
        volume["name"] for volume in pod["volumes"]
    }
    assert "/tmp" in {mount["mountPath"] for mount in container["volumeMounts"]}
    in_compose = composed()[process_of(name)]
    assert in_compose["read_only"] is True
    assert in_compose["cap_drop"] == ["ALL"]
    assert in_compose["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("name", PROCESSES)
def test_a_process_is_asked_whether_it_lives_and_whether_it_is_ready(name: str) -> None:
    container = container_of(pods()[name])
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    assert ports == ({"http": 8000} if name == "gateway" else {"health": 8080})
    for probe, path in (
        ("startupProbe", "/healthz"),
        ("livenessProbe", "/healthz"),
        ("readinessProbe", "/readyz"),
    ):
        asked = container[probe]["httpGet"]
        assert (asked["path"], asked["port"]) == (path, next(iter(ports)))
    health = composed()[process_of(name)]["healthcheck"]["test"]
    assert health[-1] == f"http://127.0.0.1:{next(iter(ports.values()))}/readyz"


@pytest.mark.parametrize("name", PROCESSES)
def test_a_process_starts_within_the_time_its_probe_allows(name: str) -> None:
    probe = container_of(pods()[name])["startupProbe"]
    # For the database, its schema and the broker, one after the other.
    patience = 3 * Config({}).suite.start_timeout_seconds
    assert probe["periodSeconds"] * probe["failureThreshold"] > patience


def test_a_stopping_gateway_may_end_what_it_has_begun() -> None:
    from gateway.settings import GatewaySettings

    pod = pods()["gateway"]
    pause = int(container_of(pod)["lifecycle"]["preStop"]["exec"]["command"][-1])
    needed = pause + GatewaySettings().stop_timeout_seconds
    assert pod["terminationGracePeriodSeconds"] > needed


def test_a_stopping_worker_may_end_an_upload() -> None:
    """Losing it costs a camera a second transfer, so it is given the longest."""
    graces = {name: pods()[name]["terminationGracePeriodSeconds"] for name in PROCESSES}
    assert graces["devices-worker"] == 600 == max(graces.values())
    assert composed()["devices_worker"]["stop_grace_period"] == "10m"


def test_no_image_is_the_latest_of_its_kind() -> None:
    tags = {image["name"]: image["newTag"] for image in _kustomization(BASE)["images"]}
    for pod in pods().values():
        name, _, tag = container_of(pod)["image"].partition(":")
        assert (tag or tags[name]) not in ("", "latest")


def _kustomization(folder: Path) -> Manifest:
    content: Manifest = yaml.safe_load((folder / "kustomization.yaml").read_text())
    return content


# How the manifests hang together


def test_every_manifest_belongs_to_a_kustomization() -> None:
    for path in sorted(KUBERNETES.rglob("*.yaml")):
        if path.name != "kustomization.yaml":
            assert path.name in _kustomization(path.parent)["resources"], path


def test_every_name_of_a_kustomization_leads_somewhere() -> None:
    for path, document in manifests():
        if path.name == "kustomization.yaml":
            for name in [*document.get("resources", []), *document.get("components", [])]:
                assert (path.parent / name).exists(), f"{path}: {name}"


def test_every_deployment_selects_its_own_pods_and_has_a_disruption_budget() -> None:
    budgets = of_kind("PodDisruptionBudget")
    assert sorted(budgets) == PROCESSES
    for name, deployment in of_kind("Deployment").items():
        own = {"app.kubernetes.io/name": name}
        assert deployment["spec"]["selector"]["matchLabels"] == own
        assert own.items() <= deployment["spec"]["template"]["metadata"]["labels"].items()
        assert budgets[name]["spec"]["selector"]["matchLabels"] == own


def test_every_service_leads_to_a_port_of_a_pod_that_exists() -> None:
    services = of_kind("Service")
    assert services.keys() == pods().keys() - {"devices-worker", "provision"}
    for name, service in services.items():
        assert service["spec"]["selector"] == {"app.kubernetes.io/name": name}
        named = {port["name"] for port in container_of(pods()[name])["ports"]}
        assert {port["targetPort"] for port in service["spec"]["ports"]} <= named


def test_the_ingress_leads_to_the_gateway() -> None:
    rules: list[dict[str, Any]] = of_kind("Ingress")["freehold"]["spec"]["rules"]
    backend = rules[0]["http"]["paths"][0]["backend"]["service"]
    assert backend["name"] == "gateway"
    ports = of_kind("Service")["gateway"]["spec"]["ports"]
    assert backend["port"]["name"] in {port["name"] for port in ports}


def test_only_who_handles_images_has_their_volume() -> None:
    """Security: identity has no business with a file that someone uploaded."""
    mounting = {
        name
        for name, pod in pods().items()
        if any("persistentVolumeClaim" in volume for volume in pod.get("volumes", []))
    }
    assert mounting == {"gateway", "devices", "devices-worker"}
    in_compose = {
        name
        for name, service in composed().items()
        if name not in SERVERS and service.get("volumes")
    }
    assert in_compose == {process_of(name) for name in mounting}


# Networks


def policies() -> dict[str, Manifest]:
    return {name: policy["spec"] for name, policy in of_kind("NetworkPolicy", BASE).items()}


def test_what_is_not_allowed_is_denied() -> None:
    assert policies()["default-deny"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def test_policies_name_processes_that_exist() -> None:
    for spec in policies().values():
        selector = spec["podSelector"]
        named = [selector.get("matchLabels", {}).get("app.kubernetes.io/name")]
        for expression in selector.get("matchExpressions", []):
            named += expression["values"]
        assert {name for name in named if name} <= pods().keys()


def test_only_devices_and_its_workers_reach_cameras_where_the_settings_say_they_are(
    base_settings: dict[str, str],
) -> None:
    cameras = policies()["cameras"]
    assert cameras["podSelector"]["matchExpressions"][0]["values"] == ["devices", "devices-worker"]
    blocks = {ip_network(peer["ipBlock"]["cidr"]) for peer in cameras["egress"][0]["to"]}
    told = {ip_network(text) for text in base_settings["FREEHOLD_DEVICES_NETWORKS"].split(",")}
    assert blocks == told


def test_the_gateway_reaches_no_database() -> None:
    values = policies()["database"]["podSelector"]["matchExpressions"][0]["values"]
    assert set(values) == pods().keys() - SERVERS - {"gateway"}


def test_the_suites_own_network_is_none_that_cameras_may_be_in() -> None:
    subnet = composed_subnet()
    for name in ("devices", "devices_worker"):
        denied = composed()[name]["environment"]["FREEHOLD_DEVICES_DENIED_NETWORKS"]
        assert subnet in denied
        assert composed()[name]["networks"] == ["suite", "cameras"]
    assert composed()["simulator"]["networks"] == ["cameras"]


def composed_subnet() -> str:
    document = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    subnet: str = document["networks"]["suite"]["ipam"]["config"][0]["subnet"]
    return subnet


# Watching


def test_alerts_and_the_autoscaler_read_metrics_that_are_exported() -> None:
    exported = {
        f"{family.name}{suffix}"
        for collector in (
            *vars(metrics).values(),
            alarm.ALARMS,
            accounts.OWNERLESS,
            nightly.OVERDUE,
        )
        if isinstance(collector, MetricWrapperBase)
        for family in collector.describe()
        for suffix in ("", "_total", "_count", "_bucket")
    }
    rules = of_kind("PrometheusRule")["freehold"]["spec"]["groups"][0]["rules"]
    read = {name for rule in rules for name in re.findall(r"\bfreehold_[a-z_]+", rule["expr"])}
    scaled = of_kind("HorizontalPodAutoscaler")["devices-worker"]["spec"]["metrics"][0]["external"]
    assert read | {scaled["metric"]["name"]} <= exported
    assert scaled["metric"]["selector"]["matchLabels"] == {"queue": provision.WORK_QUEUES[0]}
