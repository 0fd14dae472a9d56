#!/bin/sh
# Writes .env with fresh passwords and keys beside docker-compose.yml; keeps one that is there.
set -eu
cd "$(dirname "$0")/../.."
if [ -e .env ]; then
  echo ".env is there and stays as it is." >&2
  exit 0
fi
umask 077
word() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
key() { echo "$1:$(head -c 32 /dev/urandom | base64 | tr -d '\n')"; }
{
  for name in POSTGRES RABBITMQ \
    IDENTITY_DB ORGANIZATIONS_DB LICENSING_DB DEVICES_DB \
    IDENTITY_BROKER ORGANIZATIONS_BROKER LICENSING_BROKER DEVICES_BROKER \
    DEVICES_WORKER_BROKER GATEWAY_BROKER; do
    echo "${name}_PASSWORD=$(word)"
  done
  for name in IDENTITY_SECRET_KEYS IDENTITY_PEPPER IDENTITY_SIGNING_KEYS LICENSING_PEPPER \
    DEVICES_SECRET_KEYS DEVICES_PEPPER; do
    echo "${name}=$(key first)"
  done
} > .env
echo "Wrote .env. Keep it: without its keys the databases' secrets cannot be read." >&2
