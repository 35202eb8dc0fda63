// Receives webhooks at http://127.0.0.1:8080 and verifies their signatures.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"sync"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

func main() {
	webhook, err := standardwebhooks.NewWebhook(os.Getenv("WEBHOOK_SECRET"))
	if err != nil {
		log.Fatal(err)
	}
	var seen sync.Map
	http.HandleFunc("/", func(response http.ResponseWriter, request *http.Request) {
		body, err := io.ReadAll(request.Body)
		// Checks the signature and that the message is at most five minutes old.
		if err != nil || webhook.Verify(body, request.Header) != nil {
			fmt.Println("refused: the signature is wrong, or the message is too old")
			response.WriteHeader(http.StatusUnauthorized)
			return
		}
		// An event may arrive more than once. The id stays the same, so a repeat can be dropped.
		if _, repeated := seen.LoadOrStore(request.Header.Get("webhook-id"), true); !repeated {
			var event struct{ Type string }
			if err := json.Unmarshal(body, &event); err == nil {
				fmt.Println("verified", event.Type)
			}
		}
		// Reply at once, and do the work afterwards: a reply after ten seconds counts as a failure.
		response.WriteHeader(http.StatusNoContent)
	})
	port := os.Getenv("PORT")
	if port == "" {
		port = "8080"
	}
	fmt.Println("listening on http://127.0.0.1:" + port)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+port, nil))
}
