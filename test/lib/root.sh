# root.sh - a Debian of its own in a folder: made by debootstrap, prepared for the network, entered. To be sourced by root's scripts.

# make_root FOLDER SUITE: a minimal system; put in place only when it is whole. DEBIAN_MIRROR names another mirror.
make_root()
{
	local root=$1 suite=$2 keyring=/usr/share/keyrings/debian-archive-keyring.gpg

	[ ! -e "$root/.complete" ] || return 0
	# From the start: debootstrap cannot go on with a folder that it left half made.
	rm -rf "$root"
	mkdir -p "$root"
	debootstrap --variant=minbase --keyring="$keyring" "$suite" "$root" "${DEBIAN_MIRROR:-http://deb.debian.org/debian}" || return 1
	printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
	chmod 755 "$root/usr/sbin/policy-rc.d"
	touch "$root/.complete"
}

# prepare_root FOLDER: the caller's way to the network, a proxy and the certificates that it is known by, is the root's too.
prepare_root()
{
	local root=$1

	cp -L /etc/resolv.conf "$root/etc/resolv.conf" 2>/dev/null || true
	if [ -f /etc/ssl/certs/ca-certificates.crt ]; then
		mkdir -p "$root/etc/ssl/certs"
		cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
	fi
	mkdir -p "$root/etc/apt/apt.conf.d"
	cp /etc/apt/apt.conf.d/*proxy* "$root/etc/apt/apt.conf.d/" 2>/dev/null || true
	# A mirror that lags behind, or a clock that runs ahead, is no reason to test nothing; signatures are still checked.
	echo 'Acquire::Check-Valid-Until "false";' >"$root/etc/apt/apt.conf.d/90coserv"
}

# enter_root FOLDER COMMAND...: mounts and processes live in namespaces of their own, so that nothing stays mounted or running behind it,
# however it ends. root_bind=FROM:TO binds one folder in, read-only; root_network names a network namespace (ip netns).
enter_root()
{
	local inside

	# shellcheck disable=SC2016
	inside='
		set -e
		mount -t proc proc "$root/proc"
		mount -t tmpfs tmpfs "$root/dev"
		mkdir "$root/dev/shm" "$root/dev/pts"
		for node in null zero full random urandom tty; do
			touch "$root/dev/$node"
			mount --bind "/dev/$node" "$root/dev/$node"
		done
		ln -s /proc/self/fd "$root/dev/fd"
		ln -s /proc/self/fd/0 "$root/dev/stdin"
		ln -s /proc/self/fd/1 "$root/dev/stdout"
		ln -s /proc/self/fd/2 "$root/dev/stderr"
		mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
		if [ -n "$root_bind" ]; then
			mount --bind "${root_bind%%:*}" "$root/${root_bind#*:}"
			mount -o remount,bind,ro "$root/${root_bind#*:}"
		fi
		exec chroot "$root" /usr/bin/env PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root "$@"
	'
	root=$1 root_bind=${root_bind:-} ${root_network:+ip netns exec "$root_network"} \
		unshare --mount --pid --fork --kill-child --propagation private bash -c "$inside" enter "${@:2}"
}
