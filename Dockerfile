# For continuous integration elsewhere: docker run --rm -v "$PWD:/repo:ro" IMAGE diff --root /repo
# There is no git in it: --base and time need a machine that has one.
FROM rust:1.88-alpine AS build
# What is built with does not run: the lock file pins all that does.
# hadolint ignore=DL3018
RUN apk add --no-cache gcc musl-dev
WORKDIR /src
COPY Cargo.toml Cargo.lock ./
COPY src src
COPY benches benches
COPY README.md ./
RUN cargo build --release --locked

FROM gcr.io/distroless/static-debian12:nonroot@sha256:afa5c872c891853ca7fcf1f12c3edb23f7eeef36189728842dd51042ff57f7ab
COPY --from=build /src/target/release/parity /usr/local/bin/parity
ENTRYPOINT ["/usr/local/bin/parity"]
