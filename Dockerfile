FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY . .
RUN cargo build --locked --profile dist --bin roster

FROM debian:bookworm-slim
# A fixed id, so that you can set the owner of a mounted folder from outside.
RUN groupadd --system --gid 10001 roster \
    && useradd --system --uid 10001 --gid roster --no-create-home --shell /usr/sbin/nologin roster \
    && install --directory --owner roster --group roster --mode 0700 /data \
    && install --directory /etc/roster
COPY --from=build /src/target/dist/roster /usr/local/bin/roster

USER 10001:10001
# Roster looks for `roster.toml` and `.env` here.
WORKDIR /etc/roster
ENV ROSTER__SERVER__HOST=0.0.0.0 \
    ROSTER__DATA__DIR=/data
# Mount the whole folder, never `users.json` alone: a single mounted file cannot be replaced atomically.
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s CMD ["roster", "health"]
ENTRYPOINT ["roster"]
CMD ["serve"]
