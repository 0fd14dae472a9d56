#!/bin/sh
# Writes secrets/*.env beside the overlay with fresh passwords and keys: one file a process, with
# what that process needs and nothing else. Keeps them if they are there. `secrets.sh FOLDER`
# writes them elsewhere.
set -eu
folder=${1:-"$(dirname "$0")/secrets"}
if [ -e "$folder" ]; then
  echo "$folder is there and stays as it is." >&2
  exit 0
fi
umask 077
password() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
key() { echo "$(date -u +%Y%m%d):$(head -c 32 /dev/urandom | base64 | tr -d '\n')"; }
servers=freehold-servers.svc
mkdir -p "$folder.new"
trap 'rm -rf "$folder.new"' EXIT
cd "$folder.new"

postgres=$(password)
rabbitmq=$(password)
printf '%s\n' "POSTGRES_PASSWORD=$postgres" "RABBITMQ_PASSWORD=$rabbitmq" > servers.env
printf '%s\n' \
  "FREEHOLD_PROVISION_POSTGRES_ADMIN_URL=postgresql://postgres:$postgres@postgres.$servers/postgres" \
  "FREEHOLD_PROVISION_RABBITMQ_MANAGEMENT_URL=http://admin:$rabbitmq@rabbitmq.$servers:15672" \
  > provision.env

broker() { # process, its name in URLs and variables
  url="amqp://$2:$(password)@rabbitmq.$servers//"
  echo "FREEHOLD_BROKER_URL=$url" > "$1.env"
  echo "FREEHOLD_PROVISION_$(echo "$2" | tr a-z A-Z)_BROKER_URL=$url" >> provision.env
}
for process in identity organizations licensing devices gateway; do
  broker "$process" "$process"
done
broker devices-worker devices_worker

for service in identity organizations licensing devices; do
  variable="FREEHOLD_$(echo "$service" | tr a-z A-Z)_DATABASE_URL"
  url="postgresql://freehold_$service:$(password)@postgres.$servers/freehold_$service"
  echo "$variable=$url" | tee -a provision.env >> "$service.env"
done
grep _DATABASE_URL devices.env >> devices-worker.env

printf '%s\n' \
  "FREEHOLD_IDENTITY_SECRET_KEYS=$(key)" \
  "FREEHOLD_IDENTITY_PEPPER=$(key)" \
  "FREEHOLD_IDENTITY_SIGNING_KEYS=$(key)" \
  "FREEHOLD_IDENTITY_MAIL_URL=smtp://mail.example.com:587" >> identity.env
echo "FREEHOLD_ORGANIZATIONS_SECRET_KEYS=$(key)" >> organizations.env
echo "FREEHOLD_ORGANIZATIONS_PEPPER=$(key)" >> organizations.env
echo "FREEHOLD_LICENSING_PEPPER=$(key)" >> licensing.env
echo "FREEHOLD_LICENSING_SIGNING_KEYS=$(key)" >> licensing.env
echo "FREEHOLD_DEVICES_SECRET_KEYS=$(key)" | tee -a devices.env >> devices-worker.env
echo "FREEHOLD_DEVICES_PEPPER=$(key)" >> devices.env

cd - > /dev/null
mv "$folder.new" "$folder"
echo "Wrote $folder. Keep a copy elsewhere: without the keys, encrypted rows cannot be read." >&2
