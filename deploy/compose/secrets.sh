#!/bin/sh
# Writes .env with fresh passwords and keys beside docker-compose.yml; keeps one that is there.
set -eu
cd "$(dirname "$0")/../.."
if [ -e .env ]; then
  echo ".env is there and stays as it is." >&2
  exit 0
fi
umask 077
trap 'rm -f .env.new' EXIT
password() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
key() { echo "$1:$(head -c 32 /dev/urandom | base64 | tr -d '\n')"; }
{
  echo "# Keep this file, and a copy elsewhere: without its keys, what the databases hold encrypted"
  echo "# cannot be read. docs/operations.md says how each of them is changed."
  for name in POSTGRES RABBITMQ \
    IDENTITY_DB ORGANIZATIONS_DB LICENSING_DB DEVICES_DB \
    IDENTITY_BROKER ORGANIZATIONS_BROKER LICENSING_BROKER DEVICES_BROKER \
    DEVICES_WORKER_BROKER GATEWAY_BROKER; do
    echo "${name}_PASSWORD=$(password)"
  done
  for name in IDENTITY_SECRET_KEYS IDENTITY_PEPPER IDENTITY_SIGNING_KEYS \
    ORGANIZATIONS_SECRET_KEYS ORGANIZATIONS_PEPPER \
    LICENSING_PEPPER LICENSING_SIGNING_KEYS \
    DEVICES_SECRET_KEYS DEVICES_PEPPER; do
    echo "${name}=$(key "$(date -u +%Y%m%d)")"
  done
  echo
  echo "# Where people reach the suite, and who sends its mail; the demo profile needs neither."
  echo "#PUBLIC_URL=https://freehold.example.com"
  echo "#TRUSTED_PROXIES=1"
  echo "#MAIL_URL=smtp://user:password@mail.example.com:587"
  echo "#MAIL_FROM=Freehold <freehold@example.com>"
} > .env.new
mv .env.new .env
echo "Wrote .env with fresh passwords and keys; keep a copy of it elsewhere." >&2
