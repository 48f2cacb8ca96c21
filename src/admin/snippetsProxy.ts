/** Whose names and addresses stand in the lines for a proxy. */
export interface ProxyNames {
  /** Rollcall's own host, and the one that is protected, as browsers have them. */
  rollcall: string
  host: string
  /** Where the proxy reaches them. */
  rollcallAt: string
  appAt: string
  /** The file of the certificate, without its ending. */
  certificate: string
}

/** As the README has it, where it is run by a real nginx in the tests. */
export const nginxSnippet = ({
  rollcall,
  host,
  rollcallAt,
  appAt,
  certificate,
}: ProxyNames): string => `map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
upstream rollcall { server ${rollcallAt}; keepalive 32; }

server {
  listen 443 ssl;
  server_name ${rollcall};
  ssl_certificate /etc/ssl/${certificate}.crt;
  ssl_certificate_key /etc/ssl/${certificate}.key;

  location / {
    proxy_pass http://rollcall;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_buffering off;
  }
}

server {
  listen 443 ssl;
  server_name ${host};
  ssl_certificate /etc/ssl/${certificate}.crt;
  ssl_certificate_key /etc/ssl/${certificate}.key;

  # Whatever the visitor says of themselves is overwritten.
  location = /.rollcall/verify {
    internal;
    proxy_pass http://rollcall/verify?redirect=never;
    proxy_http_version 1.1;
    proxy_pass_request_body off;
    proxy_set_header Content-Length "";
    proxy_set_header Connection "";
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Forwarded-Host $http_host;
    proxy_set_header X-Forwarded-Uri $request_uri;
    proxy_set_header X-Forwarded-Method $request_method;
    # A Rollcall that hangs keeps nobody waiting for long: the next one is asked, if there is one.
    proxy_connect_timeout 2s;
    proxy_read_timeout 5s;
  }
  location /.rollcall/ {
    proxy_pass http://rollcall;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Forwarded-Host $http_host;
  }

  location / {
    auth_request /.rollcall/verify;
    auth_request_set $rollcall_account $upstream_http_x_rollcall_account;
    auth_request_set $rollcall_email $upstream_http_x_rollcall_email;
    auth_request_set $rollcall_session $upstream_http_x_rollcall_session;
    auth_request_set $rollcall_roles $upstream_http_x_rollcall_roles;
    auth_request_set $rollcall_sign_in $upstream_http_location;
    error_page 401 = @rollcall_sign_in;
    error_page 403 /.rollcall/verify;
    error_page 500 =503 /.rollcall/verify;

    proxy_pass http://${appAt};
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $connection_upgrade;
    proxy_set_header X-Rollcall-Account $rollcall_account;
    proxy_set_header X-Rollcall-Email $rollcall_email;
    proxy_set_header X-Rollcall-Session $rollcall_session;
    proxy_set_header X-Rollcall-Roles $rollcall_roles;
  }
  location @rollcall_sign_in {
    if ($rollcall_sign_in = "") { return 401; }
    return 302 $rollcall_sign_in;
  }
}
`

/** The same for Caddy. */
export const caddySnippet = ({
  rollcall,
  host,
  rollcallAt,
  appAt,
}: Omit<ProxyNames, 'certificate'>): string => `${rollcall} {
	reverse_proxy ${rollcallAt}
}

${host} {
	route {
		# Nobody says for themselves who they are; some applications take _ for -.
		request_header -X-Rollcall*
		request_header -X_Rollcall*
		handle /.rollcall/* {
			reverse_proxy ${rollcallAt}
		}
		forward_auth ${rollcallAt} {
			uri /verify
			copy_headers X-Rollcall-Account X-Rollcall-Email X-Rollcall-Session X-Rollcall-Roles
			transport http {
				response_header_timeout 5s
			}
		}
		reverse_proxy ${appAt}
	}
}
`
